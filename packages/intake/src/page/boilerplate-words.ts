/** The words by which sites of any kind name what is not the article: tokens of class and id, and the first words of a line. */

const words = (text: string): Set<string> => new Set(text.trim().split(/\s+/))

/** One of these tokens in a class or an id says that the element is furniture. */
const furniture = words(`
  share shares sharing sharebar sharetools sharebuttons addthis addtoany sharedaddy jp-relatedposts social socials socialbar
  related relatedposts relatedarticles relatedlinks recirc recirculation recommended recommendations recommend
  newsletter newsletters subscribe subscription signup optin promo promos promotion promobox sponsor sponsored sponsors
  ad ads advert adverts advertisement advertising adslot adunit adsense
  comment comments commentlist disqus respond replies breadcrumb breadcrumbs
  byline bylines dateline timestamp pubdate authorbox authorbio bio authorinfo author-bio
  tags taglist tagcloud cookie cookies gdpr consent outbrain taboola trending popular mostread
  pagination pager toolbar masthead navbar nav navigation menu skip skiplink sr-only screenreader toc-mobile
  readmore read-more alsolike morestories popup modal overlay paywall-prompt widget widgets sidebar donate donation
  print printfriendly rating ratings reactions copyright disclaimer`)

/** Two tokens side by side that say so, of words which alone may mean anything. */
const furniturePairs = words(`
  also-like read-next up-next more-stories more-news more-from more-like most-read most-popular must-read you-may
  dont-miss author-bio author-box author-info about-author author-card author-meta post-author entry-meta post-meta article-meta meta-data
  post-tags entry-tags article-tags tag-list post-footer entry-footer article-footer post-navigation post-nav
  entry-header-meta inline-related see-also read-also lire-aussi leggi-anche newsletter-signup email-signup sign-up follow-us
  visually-hidden screen-reader sr-only skip-link skip-to view-more image-count slide-count photo-count`)

const captions = words(`
  caption captions credit credits wp-caption-text figcaption photocredit imagecredit photo-credit image-credit image-caption
  photo-caption media-caption imgcaption legend-photo attribution`)

const tokensOf = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)

const namedBy =
  (single: ReadonlySet<string>, pairs: ReadonlySet<string>) =>
  (name: string): boolean => {
    for (const each of name.split(/\s+/)) {
      const tokens = tokensOf(each)
      if (tokens.length > 6) continue
      for (const [at, token] of tokens.entries()) {
        if (single.has(token) || pairs.has(`${token}-${tokens[at + 1] ?? ''}`)) return true
      }
    }
    return false
  }

export const namesFurniture = namedBy(furniture, furniturePairs)

const around = words(
  'list box wrapper wrap container section area bar form block inner content thread posts links articles top bottom main',
)
/** An id is the slug of a heading as often: `related-work` is no furniture, `related-posts` is. */
export function idsFurniture(id: string): boolean {
  const tokens = tokensOf(id)
  return (
    tokens.length <= 3 &&
    tokens.some((token) => furniture.has(token)) &&
    tokens.every((token) => furniture.has(token) || around.has(token))
  )
}
export const namesCaption = namedBy(captions, captions)

const either = (text: string): string =>
  text
    .trim()
    .split(/\s*\n\s*/)
    .join('|')

/** A block that begins with these words points elsewhere: to another piece of the same site, mostly. */
export const pointsElsewhere = new RegExp(
  `^[\\[(*»>→▶\\s]*(?:${either(`
    related(?: (?:articles?|stories|story|posts?|coverage|content|links?|news|topics?|reading|video))?\\s*[:\\]]
    (?:read|see|watch|learn|find out) (?:more|also|next|this)\\b.{0,3}[:—–|-]
    (?:read|see) (?:more|also|next)$
    (?:read|see) more (?:on|from|at|about|here)\\b.{0,80}$
    also (?:read|see|on|check)\\b
    also:
    more(?: on this)?:
    more from\\b.{0,60}$
    more:
    recommended:
    don['’]t miss\\b.{0,3}$
    you (?:may|might) (?:also )?(?:like|be interested)
    click here (?:to|for)\\b
    continue reading\\b
    (?:lesen sie|lies) (?:auch|mehr)\\b
    mehr zum thema
    siehe auch
    (?:à )?lire (?:aussi|également)
    voir aussi
    (?:leggi|vedi) anche
    (?:lea|lee|ver|leer) (?:también|más)\\b
    (?:leia|veja) (?:também|mais)\\b
    lees ook
    читайте (?:также|еще|ещё)
    関連記事
    相关(?:阅读|新闻|文章)
  `)})`,
  'i',
)

/** A whole block of these words is the page's own furniture, wherever it stands. */
export const isFurnitureLine = new RegExp(
  `^[\\[(*|•·\\s]*(?:${either(`
    advert(?:isement|isements|ising)?|anzeige|werbung|publicité|publicidad|publicidade|pubblicità|реклама|iklan|広告
    (?:leave|post|add|write|view|show|hide|load)? ?(?:a |your |all |\\d+ )?(?:comments?|reply|replies)(?: \\(?\\d+\\)?)?
    kommentare?|commentaires?|comentarios?|comentários?|commenti
    share(?: (?:this|on|via|with)\\b.{0,40})?|teilen|partager|compartir|compartilhar|condividi|поделиться
    tweet|pin it|email|e-mail|print(?: article)?|print this (?:page|article)|facebook|twitter|whatsapp|linkedin|reddit|order reprints|text size|copy link|save
    (?:sign|log) (?:in|up)|register|subscribe(?: (?:now|today|here))?|sign up now|learn more|read more|more|buy now|shop now|close|caption|enlarge(?: this)? image|menu|search|home|loading.{0,12}|back to top|skip to (?:main )?content|toggle navigation|play|pause|next|previous|advertise with us
    tags?:?|topics?:?|filed under:?.{0,120}|posted in:?.{0,80}|categories:?.{0,80}|keywords:.{0,150}|labels:.{0,80}
    image \\d+ of ?\\/? ?\\d+|\\d+ of \\d+|\\d+ ?\\/ ?\\d+|photos?:.{0,80}|image:.{0,80}|bild:.{0,80}|foto:.{0,80}|crédit ?:.{0,80}|\\(?(?:image|photo|picture) (?:credit|courtesy|by)\\b.{0,120}|image source:.{0,80}
    recent (?:articles|posts)|popular (?:this week|posts|articles)|latest(?: news)?|trending(?: now)?|popular|highlights|most (?:read|popular)|breaking news|you (?:may|might) also like|related (?:news|articles|posts|stories|content|topics)|about the author|view author archive|follow on twitter|email the author|more (?:great )?(?:stories|articles) (?:from|by|on)?.{0,40}|what do you think\\?|tell us what you think.{0,5}
    (?:this )?slideshow requires javascript\\.?|please enable javascript.{0,80}
    (?:like|enjoy(?:ed)?) this (?:story|article|post)\\?.{0,60}|want more (?:stories )?like this\\?.{0,40}|was this (?:article|page|helpful).{0,40}
    .{0,40}(?:copyright|©|ⓒ|\\(c\\)).{0,100}|.{0,60}all rights reserved.{0,80}|.{0,40}무단.{0,3}전재.{0,30}
    \\d{1,4} (?:shares?|views?|comments?|likes?|claps?|min(?:ute)?s? read)|\\d+ min read
  `)})[\\])*|•·:.!\\s]*$`,
  'i',
)

/** Near the end of a piece: thanks, ways to get in touch, who helped. */
export const isTrailer = new RegExp(
  `^[\\[(*—–-]*\\s*(?:${either(`
    (?:additional |with )?(?:reporting|writing) by\\b
    edited by\\b
    editing by\\b
    (?:follow|like|find|join|reach|email|e-mail|contact|write to|connect with)\\b.{0,120}(?:@|twitter|facebook|instagram|linkedin|youtube)
    .{0,200}\\b(?:contributed to this (?:report|story|article|post))
    this (?:article|story|post) (?:was )?(?:originally|first) (?:appeared|published)
    citation:
    this document is subject to copyright
    (?:sign up|subscribe|register)\\b.{0,140}(?:newsletter|email|e-mail|inbox|updates|youtube|channel|alerts|podcast)
    (?:get|receive)\\b.{0,100}(?:newsletter|delivered|in your inbox|to your inbox|app\\b)
    .{0,80}\\b(?:affiliate (?:links?|commission|program))
    (?:if you (?:enjoyed|liked) this)
    have (?:a|something|any) (?:tip|news|question|comment|story)
    comments? (?:are|is|will be) (?:closed|moderated)
    note: we are
    note: we use
  `)})`,
  'i',
)

/** A line that says who wrote, or when: alone in its block, and short. */
const months =
  'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|januar|februar|märz|juni|juli|oktober|dezember|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|gen|ago|set|ott|dic'
const dated = new RegExp(
  `\\b(?:(?:${months})\\b\\.?,? ?(?:de )?\\d{1,2}(?:st|nd|rd|th)?\\b|\\d{1,2}\\.?(?:st|nd|rd|th)? (?:de )?(?:${months})\\b|(?:19|20)\\d\\d[-/.]\\d{1,2}[-/.]\\d{1,2}|\\d{1,2}[-/.]\\d{1,2}[-/.](?:19|20)\\d\\d)`,
  'i',
)
const stamped =
  /^(?:(?:first )?(?:published|updated|posted|last (?:updated|modified|edited)|original|created|modified|veröffentlicht|aktualisiert|publié|mis à jour|publicado|actualizado|pubblicato|aggiornato)\b|\|? ?updated\b)/i
const signed = /^(?:by|von|par|por|di|door|written by|posted by|story by|author:)\s+\p{Lu}[^.!?]{1,90}$/iu

/** `Updated 3 May`, `By A. Writer`: said in so many words. */
export const isStamp = (line: string): boolean =>
  line.length <= 140 &&
  ((signed.test(line) && line.length <= 100) || (stamped.test(line) && (/\d/.test(line) || line.length < 30)))

export function isByline(line: string): boolean {
  if (line.length > 140) return false
  if (isStamp(line)) return true
  // A date, and little beside it: a sentence that names a date has more words.
  const date = dated.exec(line)
  if (date === null) return false
  const rest = line
    .replace(date[0], ' ')
    .replace(dated, ' ')
    .replace(
      /\b(?:(?:19|20)\d\d|\d{1,2}:\d\d(?::\d\d)?|[ap]\.?m\.?|[ECMP][SD]T|GMT|UTC|HST|ET|PT|CET|at|on|by|um|à|às|de|del|uhr)\b/gi,
      ' ',
    )
  return (rest.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) <= 6
}
