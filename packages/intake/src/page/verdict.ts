import type { Outcome } from '../outcome.ts'
import { blocksOf, isProse, weightOf } from './blocks.ts'
import { flat, type HtmlDocument } from './dom.ts'
import type { Metadata } from './metadata.ts'
import type { Survey } from './survey.ts'

export interface Verdict {
  readonly outcome: Exclude<Outcome, 'ok' | 'unchanged'>
  readonly reason: string
}

/** What a page looks like to a reader, taken before the search for its article changes the tree. */
export interface Looks {
  readonly title: string
  readonly headings: string
  /** The shown text, a block a line, as far as needed. */
  readonly text: string
  /** Letters in sentences. */
  readonly prose: number
  readonly html: string
  readonly bodyClass: string
  readonly buttons: string
  readonly rootIsEmpty: boolean
  /** Pictures in the article's own element: a piece may be of pictures alone. */
  readonly pictures: number
}

const appRoots =
  '#root, #app, #__next, #__nuxt, #react-root, #main-app, #svelte, #___gatsby, #ember-application, app-root, [ng-app], [data-reactroot]'

export function looksOf(document: HtmlDocument, html: string): Looks {
  const blocks = blocksOf(document.body)
  const text = (selector: string): string =>
    [...document.querySelectorAll(selector)]
      .slice(0, 40)
      .map((each) => flat(each.textContent) || (each.getAttribute('value') ?? ''))
      .join(' | ')
  return {
    title: flat(document.querySelector('title')?.textContent),
    headings: text('h1, h2').slice(0, 1000),
    text: blocks
      .map((block) => block.text)
      .join('\n')
      .slice(0, 20_000),
    prose: blocks.filter(isProse).reduce((sum, block) => sum + weightOf(block.text), 0),
    html,
    bodyClass: `${document.body.getAttribute('class') ?? ''} ${document.documentElement.getAttribute('class') ?? ''}`,
    buttons: text('button, input[type=submit], input[type=button], [role=button], .btn, .button').slice(0, 2000),
    rootIsEmpty: [...document.querySelectorAll(appRoots)].some((element) => flat(element.textContent).length < 60),
    pictures: document.querySelectorAll('article img, [itemprop~=articleBody] img').length,
  }
}

/** Letters of sentences below which a page may be a wall; a longer one is read, whatever script it carries. */
const fewLetters = 1500

const challengeTitle =
  /^(?:just a moment|making sure you(?:'|’|&#39;)re not a bot|.{0,20}security checkpoint|bot (?:check|detection)|let'?s (?:confirm|verify)|verifying\b|unusual (?:traffic|activity)|access (?:restricted|forbidden|blocked)|error 40[13]\b|40[13] error|401\b|451\b|unauthori[sz]ed|not acceptable|.{0,40}website firewall|attention required|access denied|please wait\b.{0,30}$|one moment,? please|are you (?:a )?(?:robot|human)|robot check|security check|security challenge|verif(?:y|ying) (?:that )?(?:you are|you're|your)|checking (?:your browser|if the site)|pardon our interruption|human verification|bot verification|client challenge|captcha|one more step|ddos-guard|ddos protection|too many requests|429\b|403\b|forbidden|request (?:blocked|rejected|unsuccessful)|blocked$|sorry,? you have been blocked|you have been blocked|access to this page has been denied|einen moment|sicherheitsüberprüfung|un instant|vérification|un momento|verificación|um momento|attendere prego|один момент|проверка|请稍候|安全验证|お待ちください|잠시만)/i
const challengeMarks =
  /_cf_chl_opt|cf-challenge|cf-browser-verification|cf-error-details|challenges\.cloudflare\.com|cdn-cgi\/challenge-platform\/h\/[bg]\/orchestrate|captcha-delivery\.com|(?:var|window\.)\s*dd\s*=\s*\{['"]?rt|_Incapsula_Resource|incapsula incident|px-captcha|_pxAppId|perimeterx|sec-if-cpt-container|sec-cpt-if|bm-verify|akam\/13|errors\.edgesuite\.net|awswaf|aws-waf|gokuprops|ddos-guard|sucuri_cloudproxy|sucuri website firewall|kasada|kpsdk|google\.com\/sorry|recaptcha\/api|hcaptcha\.com|geetest|g-recaptcha|h-captcha|fcaptcha|arkoselabs|distil_r_captcha|radware|anubis_challenge|within\.website\/x\/cmd\/anubis/i
const challengeWords =
  /\b(?:verify(?:ing)? (?:that )?you(?:'re| are) (?:a )?(?:not a robot|human)|are you a robot|not a robot|unusual (?:traffic|activity)|complete the (?:security check|captcha)|checking (?:your browser|if the site connection is secure)|enable (?:javascript and cookies|cookies) to continue|automated (?:access|requests|queries)|bot detection|ray id|reference #\d|you don't have permission to access|access (?:to this (?:page|resource|site) )?(?:is|has been|was) (?:denied|blocked|restricted)|you have been blocked|your ip (?:address )?(?:has been|is|was)|too many requests|rate limit(?:ed)?|support id|incident id|website firewall|block details|(?:protect the server against|you are not a bot|not a bot)|verifying (?:your browser|you are)|press (?:&|and) hold|not available in your (?:country|region|location)|unavailable (?:for legal reasons|in your)|from (?:your|the european) (?:country|union|region)[^.]{0,60}(?:cannot|unable|not)|sind sie ein (?:mensch|roboter)|ungewöhnlichen? (?:datenverkehr|zugriff)|vous n'êtes pas un robot|trafic inhabituel|no eres un robot|no soy un robot)\b/i

const consentTitle =
  /^(?:before you continue|we value your privacy|your privacy\b|privacy (?:settings|preferences|choices)|cookie(?:s)?(?: consent| settings| notice| preferences)?\b.{0,20}$|consent\b|manage (?:your )?(?:consent|cookies)|bevor sie (?:fortfahren|zu)|zustimmung|datenschutz(?:einstellungen)?$|cookie-einstellungen|avant (?:de continuer|d'accéder)|gérer (?:mes|vos) (?:cookies|choix)|antes de (?:continuar|ir a)|prima di continuare|voordat je verdergaat|wir (?:und unsere|verwenden)|yahoo (?:is|ist|fait) (?:part|teil|partie))/i
const consentWords =
  /\b(?:cookies?|consent|privacy|partners?|vendors?|personal(?:i[sz]ed)? (?:data|ads?|advertising)|gdpr|tracking|preferences|legitimate interest|datenschutz\w*|einwilligung\w*|zustimm\w*|partner[n]?|zwecke?|verarbeit\w*|consentement|confidentialité|partenaires|données|consentimiento|privacidad|socios|consenso|toestemming)\b/gi
const consentButton =
  /\b(?:accept|agree|allow|reject|decline|manage (?:options|choices|preferences|settings)|alle akzeptieren|akzeptieren|zustimmen|ablehnen|(?:tout )?accepter|refuser|j'accepte|aceptar|rechazar|accetta|rifiuta|akkoord|accepteren)\b/i
const consentHost = /^(?:consent|guce|myprivacy|privacy-mgmt|cmp)\.|\/(?:collectConsent|consent|sorry)\b/

const loginTitle =
  /(?:^|[|–—:-]\s*)(?:log ?in|sign ?in|log on|sign on|sign up|anmelden|anmeldung|einloggen|login|connexion|se connecter|s'identifier|iniciar sesi[óo]n|acceder|entrar|accedi|inloggen|logga in|вход|войти|登录|登入|ログイン|로그인)\b/i
const loginWords =
  /\b(?:(?:log|sign) ?in to (?:continue|your|see|view|read|access)|(?:you )?(?:must|need to) (?:be logged in|log ?in|sign ?in)|log into|forgot(?:ten)? (?:your )?password|(?:create|new) account|passwort vergessen|mot de passe oublié|olvidaste tu contraseña|join (?:linkedin|facebook|now to))/i

const gone =
  /(?:^|[\s|–—:·-])(?:(?:error )?404(?: error)?(?:$|[\s:|.!–—-])|(?:error )?410(?:$|[\s:|.!–—-])|(?:page|article|story|post|content|file|document|url|resource|video|item|listing) (?:(?:was|is|could|can|has|does)(?:n['o]?t| ?not)?(?: be| been)? )?(?:not found|no longer (?:available|exists?)|not (?:available|exist)|unavailable|missing|removed|deleted|gone|moved or)|not found\b|nothing (?:was )?found|(?:seite|artikel|beitrag|inhalt) (?:wurde |konnte )?nicht (?:gefunden|verfügbar|mehr)|nicht gefunden|(?:page|article) (?:introuvable|non trouvée?|inexistante)|página no (?:encontrada|existe|disponible)|no encontrad[ao]|página não encontrada|não encontrad[ao]|pagina (?:non trovata|niet gevonden)|strona nie (?:została )?znaleziona|страница не найдена|не найдено|页面不存在|找不到|ページが見つかりません|페이지를 찾을 수)/i
const goneWords =
  /\b(?:(?:the |this )?(?:page|article|story|post|content|link|url|video)[^.\n]{0,60}(?:(?:does ?n[o']t|no longer) exists?|(?:could ?n[o']t|cannot|can't|can not|was ?n[o']t) be found|was not found|isn't (?:here|available)|no longer available|(?:has|have|was|were) (?:been )?(?:removed|deleted|moved)|has expired)|we (?:can't|cannot|couldn't|could not) find|looks like nothing was found|nothing (?:was )?found (?:at|for|here)|kann nicht gefunden werden|existiert nicht|n'existe (?:pas|plus)|no existe|já não existe|не существует)/i

const broken =
  /(?:^|[\s|–—:·-])(?:50[0234]\b|bad gateway|gateway time-?out|service (?:temporarily )?unavailable|internal server error|error establishing a database connection|origin is unreachable|web server is down|connection timed out|application error|something went wrong|server error|temporarily (?:down|unavailable)|(?:under|down for) maintenance|scheduled maintenance|we['’]ll be (?:right )?back|be right back|wartungsarbeiten|en maintenance)/i
const parked =
  /(?:domain (?:name )?(?:is|may be|could be) (?:for sale|parked|available)|buy this domain|this domain (?:has expired|is registered)|domain parking|account (?:has been )?suspended|welcome to nginx|apache2? .{0,20}default page|iis windows server|future home of|website coming soon|^index of \/|site is (?:not published|under construction))/im

const needsScript =
  /\b(?:(?:enable|activate|turn on|requires?|needs?|without|disabled|allow|uses|support) (?:your )?java ?script|java ?script (?:is|must be|to be|needs to be|has been|and cookies|seems|appears)[^.]{0,30}(?:enabled|disabled|required|activated|turned|off)?|you need to enable java ?script|javascript (?:aktivieren|activé|habilitado)|loading\.\.\.|bitte aktivieren sie java ?script|activer javascript|activa(?:r)? javascript|включите javascript)/i

const paywallWords =
  /\b(?:subscribe (?:now |today )?to (?:continue|read|keep reading|unlock|access|get full)|(?:to (?:continue|keep) reading|continue reading)[^.\n]{0,60}(?:subscri|sign ?up|register|account|member|free trial|with a)|(?:this|the) (?:article|story|content|post|page)[^.\n]{0,30}(?:for|only (?:for|available to)|reserved for|available to|exclusive to|limited to)[^.\n]{0,20}(?:subscribers|members|paying|premium)|(?:for|only) (?:paying|paid) subscribers|already a (?:subscriber|member)\?|you(?:'ve| have) (?:reached|read|used)[^.\n]{0,40}(?:free|limit|articles?)|unlock (?:this|the full) (?:article|story|post)|start your (?:free )?trial to|keep reading with a|become a (?:paid )?(?:member|subscriber) to|(?:dieser|diesen) (?:artikel|inhalt)[^.\n]{0,40}(?:abonnenten|abo\b|plus|weiterlesen)|jetzt (?:abonnieren|weiterlesen|testen)|weiterlesen mit|(?:article |contenu )?réservé aux abonnés|la suite est réservée|abonnez-vous pour|il vous reste|contenido (?:exclusivo )?para suscriptores|suscríbete para|conteúdo (?:exclusivo )?para assinantes|assine para|contenuto riservato|abbonati per|alleen voor abonnees)/i

/** Whether the page is a wall in place of an article; `article` is the text found on it. */
export function judge(
  looks: Looks,
  found: Survey,
  metadata: Metadata,
  url: string,
  article: { weight: number; prose: number; linkShare: number } | undefined,
): Verdict | undefined {
  const { title, headings, text, html } = looks
  const head = `${title}\n${headings}`
  const letters = article?.prose ?? 0
  const isShort = Math.min(letters, looks.prose) < fewLetters
  const isTiny = Math.min(letters, looks.prose) < 500
  const says = metadata.saysArticle

  if (
    isShort &&
    challengeTitle.test(title) &&
    (challengeMarks.test(html) || challengeWords.test(text) || (isTiny && !says))
  )
    return blocked('a challenge', title)
  if (
    isTiny &&
    !(says && letters > 200) &&
    challengeMarks.test(html) &&
    (challengeWords.test(`${text}\n${found.withoutScript}`) || looks.prose < 120)
  )
    return blocked('a challenge', title)
  if (isTiny && !says && challengeWords.test(text)) return blocked('a challenge', title)

  const consents = text.match(consentWords)?.length ?? 0
  const words = text.split(/\s+/).length
  if (!says || isTiny) {
    const dense = consents >= 4 && consents / Math.max(1, words) > 0.03
    const asks = consentButton.test(looks.buttons)
    if ((consentTitle.test(title) || consentHost.test(hostAndPath(url))) && (asks || dense))
      return blocked('a consent page', title)
    if (dense && asks && isShort && (consentTitle.test(headings) || consents / words > 0.05))
      return blocked('a consent page', title)
  }

  if (
    isShort &&
    (loginTitle.test(title) || loginTitle.test(headings)) &&
    (found.passwordFields > 0 || isTiny) &&
    !(says && letters > 300)
  )
    return blocked('a login page', title)
  if (
    isTiny &&
    !(says && letters > 300) &&
    (found.passwordFields > 0 || loginWords.test(text)) &&
    loginWords.test(`${text} ${looks.buttons}`)
  )
    return blocked('a login page', title)

  if (/\berror-?404\b/i.test(looks.bodyClass) && isShort)
    return { outcome: 'gone', reason: `the page says that it is not there: ${short(title)}` }
  if (isShort && gone.test(head) && (!says || isTiny) && (goneWords.test(text) || isTiny))
    return { outcome: 'gone', reason: `the page says that it is not there: ${short(title || headings)}` }
  if (isTiny && !says && goneWords.test(text)) return { outcome: 'gone', reason: 'the page says that it is not there' }

  if (isTiny && !says && broken.test(head))
    return { outcome: 'failed', reason: `the page is an error of its server: ${short(title || headings)}` }
  if (isTiny && !says && parked.test(`${head}\n${text}`))
    return { outcome: 'gone', reason: 'the page is a placeholder: its site is gone, or not there yet' }

  const isClosed = metadata.jsonLd.isAccessibleForFree === false
  if (letters < fewLetters && (paywallWords.test(text) ? isShort || isClosed : isClosed && letters < 1000))
    return {
      outcome: 'paywalled',
      reason: isClosed
        ? 'the page says that it is not free, and gives its beginning only'
        : 'the text stops at an invitation to subscribe',
    }

  if (letters < 200 && (article?.weight ?? 0) < 300) {
    if (found.scripts > 0 && (looks.rootIsEmpty || needsScript.test(`${found.withoutScript}\n${text}`)))
      return { outcome: 'needs-js', reason: 'the page has no text without JavaScript' }
    if (weightOf(text) < 40 && found.scripts > 0 && html.length > 300)
      return { outcome: 'needs-js', reason: 'the page holds scripts and no text' }
  }
  if (article !== undefined && looks.pictures >= 2 && article.linkShare < 0.5) return undefined
  if (article === undefined || article.weight < 25) return { outcome: 'empty', reason: 'the page has no text' }
  if (article.linkShare > 0.7 && letters < fewLetters)
    return { outcome: 'empty', reason: 'the page is a list of links: it has no article' }
  if (letters < 60 && !says && article.weight < 120)
    return { outcome: 'empty', reason: 'the page has no sentence that could be an article' }
  return undefined
}

const short = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)
const blocked = (what: string, title: string): Verdict => ({
  outcome: 'blocked',
  reason: `${what} stands in place of the page${title === '' ? '' : `: ${short(title)}`}`,
})

function hostAndPath(url: string): string {
  const parsed = URL.parse(url)
  return parsed === null ? '' : `${parsed.hostname}${parsed.pathname}`
}
