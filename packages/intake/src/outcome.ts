/**
 * What came of an attempt to get something:
 * - `ok`: content came;
 * - `unchanged`: the server says that nothing changed (304), or the bytes are the same;
 * - `empty`: the document is sound and has nothing in it;
 * - `gone`: 404 or 410, or a page that says so with a 200 (soft 404);
 * - `blocked`: a challenge, a login, a consent wall, a 401, 403 or 429;
 * - `needs-js`: the page has no text without JavaScript;
 * - `paywalled`: the text stops at a paywall;
 * - `refused`: robots.txt, the guard or a limit of ours said no: nothing was taken;
 * - `failed`: the network, TLS, a 5xx, a document that cannot be read.
 */
export const outcomes = [
  'ok',
  'unchanged',
  'empty',
  'gone',
  'blocked',
  'needs-js',
  'paywalled',
  'refused',
  'failed',
] as const

export type Outcome = (typeof outcomes)[number]
