export function page(title: string, code: string): string {
  return `# ${title}

\`\`\`ts
${code}
\`\`\`
`;
}

export function link(title: string): string {
  return `[${title}](#${title.toLowerCase()})`;
}
