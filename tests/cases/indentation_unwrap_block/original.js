export function run(jobs, quiet) {
  if (jobs.length > 0) {
    for (const job of jobs) {
      job.start();
      job.wait();
    }
  }
  return jobs.length;
}

export const idle = () => run([], true);
