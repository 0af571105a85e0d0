/** Real pieces that use the words of walls. */

const piece = (
  title: string,
  paragraphs: readonly string[],
  { head = '', foot = '' } = {},
): { name: string; html: string } => ({
  name: title,
  html: `<!doctype html><html lang="en"><head><title>${title} | A blog</title>${head}</head><body><nav><a href="/">Home</a> <a href="/login">Log in</a></nav><article><h1>${title}</h1>${paragraphs.map((text) => `<p>${text}</p>`).join('')}</article>${foot}</body></html>`,
})

const dated = '<meta property="article:published_time" content="2026-05-03T10:00:00Z">'
const long = Array.from(
  { length: 8 },
  (_, n) =>
    `Paragraph ${n + 1} goes on about the matter at hand, with an example from practice, a remark on why it happens, and a sentence that ties both together for a reader who is in a hurry.`,
)

export const honestPages = [
  piece('404 Not Found: a short history of an error', [
    'The number 404 has been with the web since 1992. It says that a page was not found, and nothing about why.',
    ...long,
  ]),
  piece(
    'Just a moment: waiting rooms on the web',
    [
      'Cloudflare shows a page titled “Just a moment...” while it is checking your browser. Here is how that works, and why you see a Ray ID.',
      ...long,
    ],
    { foot: '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>' },
  ),
  piece(
    'How we replaced our CAPTCHA',
    ['We used to ask people to verify that they are not a robot. Since March we do not.', ...long],
    { head: dated, foot: '<script src="https://www.google.com/recaptcha/api.js"></script>' },
  ),
  piece(
    'Cookie banners, five years on',
    [
      'A cookie banner asks for consent; consent must be as easy to refuse as to give. Partners and vendors see it otherwise.',
      ...long,
    ],
    { foot: '<div class="banner"><p>We use cookies. <button>Accept all</button><button>Reject all</button></p></div>' },
  ),
  piece(
    'Designing a login form',
    [
      'A good login form asks for an address and a password, says what is wrong, and helps with a forgotten password.',
      ...long,
    ],
    { foot: '<form><input name="user"><input type="password"><button>Sign in</button></form>' },
  ),
  piece('Access denied: what our logs say', [
    'Every day some 4,000 requests end in “Access denied”. Most of them are ours.',
    ...long,
  ]),
  piece(
    'Why I put up a paywall',
    ['From today on, some posts are for paying subscribers. This one is not: it says why, and what it costs.', ...long],
    { foot: '<aside><p>Subscribe to continue reading posts like this one.</p></aside>' },
  ),
  piece(
    'You need to enable JavaScript to run this app',
    ['That sentence is what a search engine sees of many applications. Here is a way to show it more.', ...long],
    { foot: '<noscript>Please enable JavaScript to see the comments.</noscript><script src="/a.js"></script>' },
  ),
  piece(
    'A short note',
    ['Today the river was frozen from one bank to the other, for the first time since I moved here.'],
    { head: dated },
  ),
  piece(
    'Service unavailable',
    [
      'Our service was unavailable for forty minutes on Sunday. A disk was full; the alarm for it had gone to a list that nobody reads any more.',
      ...long.slice(0, 2),
    ],
    { head: dated },
  ),
  piece(
    'Removing the page that nobody visits',
    [
      'The page is no longer available, we wrote, and nobody noticed for a year. This is what we learnt from it.',
      ...long.slice(0, 3),
    ],
    { head: dated },
  ),
  piece('Forbidden colours', [
    '403 shades of red that our designers may not use, and the reasons that they gave us when we asked them.',
    ...long,
  ]),
] as const
