export function run(jobs, quiet) {
  for (const job of jobs) {
    job.start();
    job.wait();
  }
  return jobs.length;
}

export const idle = () => run([], true);
