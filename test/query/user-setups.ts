/** User code whose `setup` goes wrong in the way that the constants say. */
export function setup({ how }: { readonly how: string }) {
  if (how === 'throws') throw new TypeError('no model');
  if (how === 'rejects') return Promise.reject(new TypeError('no model'));
  if (how === 'never') for (;;);
  return {};
}

export function value() {
  return { v: 1 };
}
