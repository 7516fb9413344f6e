export const defaults = { depth: 3, quiet: false };

export function settings(given, ...extra) {
  return {
    ...defaults,
    ...given,
  };
}

export function depth(given) {
  return settings(given).depth;
}
