/** The words of walls: what challenges, consent and login pages, missing pages and paywalls say, in the languages that were at hand. */

/** An expression from its alternatives, some in a line; a line's end parts alternatives too. */
function anyOf(lines: string, { before = '', after = '', flags = 'i' } = {}): RegExp {
  const alternatives = lines
    .trim()
    .split(/\s*\n\s*/)
    .join('|')
  return new RegExp(`${before}(?:${alternatives})${after}`, flags)
}

/** The title of a challenge. */
export const challengeTitle = anyOf(
  String.raw`
    just a moment|making sure you(?:'|’|&#39;)re not a bot|.{0,20}security checkpoint|bot (?:check|detection)
    let'?s (?:confirm|verify)|verifying\b|unusual (?:traffic|activity)|access (?:restricted|forbidden|blocked)
    error 40[13]\b|40[13] error|401\b|451\b|unauthori[sz]ed|not acceptable|.{0,40}website firewall|attention required
    access denied|please wait\b.{0,30}$|one moment,? please|are you (?:a )?(?:robot|human)|robot check|security check
    security challenge|verif(?:y|ying) (?:that )?(?:you are|you're|your)|checking (?:your browser|if the site)
    pardon our interruption|human verification|bot verification|client challenge|captcha|one more step|ddos-guard
    ddos protection|too many requests|429\b|403\b|forbidden|request (?:blocked|rejected|unsuccessful)|blocked$
    sorry,? you have been blocked|you have been blocked|access to this page has been denied|einen moment
    sicherheitsüberprüfung|un instant|vérification|un momento|verificación|um momento|attendere prego|один момент
    проверка|请稍候|安全验证|お待ちください|잠시만
  `,
  { before: `^` },
)

/** Scripts and elements of the shields; real pages carry some of them too. */
export const challengeMarks = anyOf(
  String.raw`
    _cf_chl_opt|cf-challenge|cf-browser-verification|cf-error-details|challenges\.cloudflare\.com
    cdn-cgi\/challenge-platform\/h\/[bg]\/orchestrate|captcha-delivery\.com|(?:var|window\.)\s*dd\s*=\s*\{['"]?rt
    _Incapsula_Resource|incapsula incident|px-captcha|_pxAppId|perimeterx|sec-if-cpt-container|sec-cpt-if|bm-verify
    akam\/13|errors\.edgesuite\.net|awswaf|aws-waf|gokuprops|ddos-guard|sucuri_cloudproxy|sucuri website firewall
    kasada|kpsdk|google\.com\/sorry|recaptcha\/api|hcaptcha\.com|geetest|g-recaptcha|h-captcha|fcaptcha|arkoselabs
    distil_r_captcha|radware|anubis_challenge|within\.website\/x\/cmd\/anubis
  `,
)

/** What a challenge says to people. */
export const challengeWords = anyOf(
  String.raw`
    verify(?:ing)? (?:that )?you(?:'re| are) (?:a )?(?:not a robot|human)|are you a robot|not a robot
    unusual (?:traffic|activity)|complete the (?:security check|captcha)
    checking (?:your browser|if the site connection is secure)|enable (?:javascript and cookies|cookies) to continue
    automated (?:access|requests|queries)|bot detection|ray id|reference #\d|you don't have permission to access
    access (?:to this (?:page|resource|site) )?(?:is|has been|was) (?:denied|blocked|restricted)
    you have been blocked|your ip (?:address )?(?:has been|is|was)|too many requests|rate limit(?:ed)?|support id
    incident id|website firewall|block details|(?:protect the server against|you are not a bot|not a bot)
    verifying (?:your browser|you are)|press (?:&|and) hold|not available in your (?:country|region|location)
    unavailable (?:for legal reasons|in your)
    from (?:your|the european) (?:country|union|region)[^.]{0,60}(?:cannot|unable|not)
    sind sie ein (?:mensch|roboter)|ungewöhnlichen? (?:datenverkehr|zugriff)|vous n'êtes pas un robot
    trafic inhabituel|no eres un robot|no soy un robot
  `,
  { before: String.raw`\b`, after: String.raw`\b` },
)

export const consentTitle = anyOf(
  String.raw`
    before you continue|we value your privacy|your privacy\b|privacy (?:settings|preferences|choices)
    cookie(?:s)?(?: consent| settings| notice| preferences)?\b.{0,20}$|consent\b|manage (?:your )?(?:consent|cookies)
    bevor sie (?:fortfahren|zu)|zustimmung|datenschutz(?:einstellungen)?$|cookie-einstellungen
    avant (?:de continuer|d'accéder)|gérer (?:mes|vos) (?:cookies|choix)|antes de (?:continuar|ir a)
    prima di continuare|voordat je verdergaat|wir (?:und unsere|verwenden)|yahoo (?:is|ist|fait) (?:part|teil|partie)
  `,
  { before: `^` },
)

/** The words that a consent page is made of. */
export const consentWords = anyOf(
  String.raw`
    cookies?|consent|privacy|partners?|vendors?|personal(?:i[sz]ed)? (?:data|ads?|advertising)|gdpr|tracking
    preferences|legitimate interest|datenschutz\w*|einwilligung\w*|zustimm\w*|partner[n]?|zwecke?|verarbeit\w*
    consentement|confidentialité|partenaires|données|consentimiento|privacidad|socios|consenso|toestemming
  `,
  { before: String.raw`\b`, after: String.raw`\b`, flags: 'gi' },
)

export const consentButton = anyOf(
  `
    accept|agree|allow|reject|decline|manage (?:options|choices|preferences|settings)|alle akzeptieren|akzeptieren
    zustimmen|ablehnen|(?:tout )?accepter|refuser|j'accepte|aceptar|rechazar|accetta|rifiuta|akkoord|accepteren
  `,
  { before: String.raw`\b`, after: String.raw`\b` },
)

export const consentHost = anyOf(
  String.raw`
    ^(?:consent|guce|myprivacy|privacy-mgmt|cmp)\.|\/(?:collectConsent|consent|sorry)\b
  `,
  { flags: '' },
)

export const loginTitle = anyOf(
  `
    log ?in|sign ?in|log on|sign on|sign up|anmelden|anmeldung|einloggen|login|connexion|se connecter|s'identifier
    iniciar sesi[óo]n|acceder|entrar|accedi|inloggen|logga in|вход|войти|登录|登入|ログイン|로그인
  `,
  { before: String.raw`(?:^|[|–—:-]\s*)`, after: String.raw`\b` },
)

export const loginWords = anyOf(
  `
    (?:log|sign) ?in to (?:continue|your|see|view|read|access)
    (?:you )?(?:must|need to) (?:be logged in|log ?in|sign ?in)|log into|forgot(?:ten)? (?:your )?password
    (?:create|new) account|passwort vergessen|mot de passe oublié|olvidaste tu contraseña
    join (?:linkedin|facebook|now to)
  `,
  { before: String.raw`\b` },
)

/** The title or heading of a page that is not there. */
export const gone = anyOf(
  String.raw`
    (?:error )?404(?: error)?(?:$|[\s:|.!–—-])|(?:error )?410(?:$|[\s:|.!–—-])
    (?:page|article|story|post|content|file|document|url|resource|video|item|listing) (?:(?:was|is|could|can|has|does)(?:n['o]?t| ?not)?(?: be| been)? )?(?:not found|no longer (?:available|exists?)|not (?:available|exist)|unavailable|missing|removed|deleted|gone|moved or)
    not found\b|nothing (?:was )?found
    (?:seite|artikel|beitrag|inhalt) (?:wurde |konnte )?nicht (?:gefunden|verfügbar|mehr)|nicht gefunden
    (?:page|article) (?:introuvable|non trouvée?|inexistante)|página no (?:encontrada|existe|disponible)
    no encontrad[ao]|página não encontrada|não encontrad[ao]|pagina (?:non trovata|niet gevonden)
    strona nie (?:została )?znaleziona|страница не найдена|не найдено|页面不存在|找不到|ページが見つかりません|페이지를 찾을 수
  `,
  { before: String.raw`(?:^|[\s|–—:·-])` },
)

/** What such a page says below it. */
export const goneWords = anyOf(
  String.raw`
    (?:the |this )?(?:page|article|story|post|content|link|url|video)[^.\n]{0,60}(?:(?:does ?n[o']t|no longer) exists?|(?:could ?n[o']t|cannot|can't|can not|was ?n[o']t) be found|was not found|isn't (?:here|available)|no longer available|(?:has|have|was|were) (?:been )?(?:removed|deleted|moved)|has expired)
    we (?:can't|cannot|couldn't|could not) find|looks like nothing was found|nothing (?:was )?found (?:at|for|here)
    kann nicht gefunden werden|existiert nicht|n'existe (?:pas|plus)|no existe|já não existe|не существует
  `,
  { before: String.raw`\b` },
)

export const needsScript = anyOf(
  String.raw`
    (?:enable|activate|turn on|requires?|needs?|without|disabled|allow|uses|support) (?:your )?java ?script
    java ?script (?:is|must be|to be|needs to be|has been|and cookies|seems|appears)[^.]{0,30}(?:enabled|disabled|required|activated|turned|off)?
    you need to enable java ?script|javascript (?:aktivieren|activé|habilitado)|loading\.\.\.
    bitte aktivieren sie java ?script|activer javascript|activa(?:r)? javascript|включите javascript
  `,
  { before: String.raw`\b` },
)

export const broken = anyOf(
  String.raw`
    50[0234]\b|bad gateway|gateway time-?out|service (?:temporarily )?unavailable|internal server error
    error establishing a database connection|origin is unreachable|web server is down|connection timed out
    application error|something went wrong|server error|temporarily (?:down|unavailable)
    (?:under|down for) maintenance|scheduled maintenance|we['’]ll be (?:right )?back|be right back|wartungsarbeiten
    en maintenance
  `,
  { before: String.raw`(?:^|[\s|–—:·-])` },
)

export const parked = anyOf(
  String.raw`
    domain (?:name )?(?:is|may be|could be) (?:for sale|parked|available)|buy this domain
    this domain (?:has expired|is registered)|domain parking|account (?:has been )?suspended|welcome to nginx
    apache2? .{0,20}default page|iis windows server|future home of|website coming soon|^index of \/
    site is (?:not published|under construction)
  `,
  { flags: 'im' },
)

/** Where a text stops for who does not pay. */
export const paywallWords = anyOf(
  String.raw`
    subscribe (?:now |today )?to (?:continue|read|keep reading|unlock|access|get full)
    (?:to (?:continue|keep) reading|continue reading)[^.\n]{0,60}(?:subscri|sign ?up|register|account|member|free trial|with a)
    (?:this|the) (?:article|story|content|post|page)[^.\n]{0,30}(?:for|only (?:for|available to)|reserved for|available to|exclusive to|limited to)[^.\n]{0,20}(?:subscribers|members|paying|premium)
    (?:for|only) (?:paying|paid) subscribers|already a (?:subscriber|member)\?
    you(?:'ve| have) (?:reached|read|used)[^.\n]{0,40}(?:free|limit|articles?)
    unlock (?:this|the full) (?:article|story|post)|start your (?:free )?trial to|keep reading with a
    become a (?:paid )?(?:member|subscriber) to
    (?:dieser|diesen) (?:artikel|inhalt)[^.\n]{0,40}(?:abonnenten|abo\b|plus|weiterlesen)
    jetzt (?:abonnieren|weiterlesen|testen)|weiterlesen mit|(?:article |contenu )?réservé aux abonnés
    la suite est réservée|abonnez-vous pour|il vous reste|contenido (?:exclusivo )?para suscriptores|suscríbete para
    conteúdo (?:exclusivo )?para assinantes|assine para|contenuto riservato|abbonati per|alleen voor abonnees
  `,
  { before: String.raw`\b` },
)
