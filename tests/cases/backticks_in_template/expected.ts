export function page(title: string, code: string, language = "ts"): string {
  return `# ${title}

\`\`\`${language}
${code}
\`\`\`
`;
}

export function link(title: string): string {
  return `[${title}](#${title.toLowerCase()})`;
}
