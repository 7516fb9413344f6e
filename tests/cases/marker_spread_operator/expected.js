export const defaults = { depth: 3, quiet: false };

export function settings(given, ...extra) {
  return {
    ...defaults,
    ...given,
    ...Object.assign({}, ...extra),
  };
}

export function depth(given) {
  return settings(given).depth;
}
