import type { Outcome } from '../outcome.ts'

export interface HostilePage {
  readonly name: string
  readonly outcome: Outcome
  readonly html: string
  readonly contentType?: string
  readonly url?: string
}

const page = (title: string, body: string, head = ''): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body>${body}</body></html>`

const all = (
  outcome: Outcome,
  pages: Readonly<Record<string, string | { html: string; url?: string; contentType?: string }>>,
): HostilePage[] =>
  Object.entries(pages).map(([name, made]) => ({
    name,
    outcome,
    ...(typeof made === 'string' ? { html: made } : made),
  }))

const menu =
  '<nav><ul><li><a href="/">Home</a></li><li><a href="/news">News</a></li><li><a href="/about">About</a></li></ul></nav>'
const foot =
  '<footer><p>© 2026 The Example Company. All rights reserved.</p><a href="/privacy">Privacy</a> <a href="/terms">Terms</a></footer>'
const teasers =
  '<h2>Popular stories</h2><ul>' +
  Array.from(
    { length: 12 },
    (_, n) => `<li><a href="/story-${n}">A headline about something that happened on day ${n} in a town</a></li>`,
  ).join('') +
  '</ul>'

/** Walls of the kinds that sites and their shields put up, written after the real ones. */
const challengePages = all('blocked', {
  'Cloudflare, managed': page(
    'Just a moment...',
    '<div class="main-wrapper" role="main"><div class="main-content"><noscript><div class="h2"><span id="challenge-error-text">Enable JavaScript and cookies to continue</span></div></noscript></div></div><script>(function(){window._cf_chl_opt={cvId:"3",cZone:"www.example.com",cType:"managed",cRay:"8a1"};var a=document.createElement("script");a.src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=8a1";document.head.appendChild(a)}());</script>',
    '<meta name="robots" content="noindex,nofollow"><meta http-equiv="refresh" content="390">',
  ),
  'Cloudflare, browser check of old': page(
    'Please Wait... | Cloudflare',
    '<h1>Checking your browser before accessing example.com.</h1><p>This process is automatic. Your browser will redirect to your requested content shortly.</p><p>Please allow up to 5 seconds…</p><form id="challenge-form" class="cf-challenge"></form><p>DDoS protection by Cloudflare</p><p>Ray ID: 6a1b2c3d4e5f</p>',
  ),
  'Cloudflare, blocked': page(
    'Attention Required! | Cloudflare',
    '<div id="cf-error-details"><h1>Sorry, you have been blocked</h1><h2>You are unable to access example.com</h2><h2>Why have I been blocked?</h2><p>This website is using a security service to protect itself from online attacks. The action you just performed triggered the security solution. There are several actions that could trigger this block including submitting a certain word or phrase, a SQL command or malformed data.</p><h2>What can I do to resolve this?</h2><p>You can email the site owner to let them know you were blocked. Please include what you were doing when this page came up and the Cloudflare Ray ID found at the bottom of this page.</p></div>',
  ),
  'Cloudflare, error 1020': page(
    'Access denied | www.example.com used Cloudflare to restrict access',
    '<h1>Error 1020</h1><p>Access denied</p><h2>What happened?</h2><p>This website is using a security service to protect itself from online attacks.</p><p>Cloudflare Ray ID: 7f0e</p>',
  ),
  'Cloudflare, rate limit': page(
    'Access denied',
    '<h1>Error 1015</h1><h2>You are being rate limited</h2><p>The owner of this website has banned you temporarily from accessing this website.</p><span>Ray ID: 71</span>',
  ),
  'Akamai, access denied': page(
    'Access Denied',
    '<h1>Access Denied</h1>You don\'t have permission to access "http://www.example.com/news/story" on this server.<p>Reference #18.2f3a1702.1700000000.1a2b3c4d</p><p>https://errors.edgesuite.net/18.2f3a1702.1700000000.1a2b3c4d</p>',
  ),
  'Akamai, behaviour check': page(
    '&nbsp;',
    '<div id="sec-if-cpt-container" style="display:none"><p>Powered and protected by Privacy</p></div><script src="/akam/13/4c1b2"></script><script>var bm_verify="AAQ"; xhr.open("POST","/_sec/verify?provider=interstitial")</script>',
    '<meta http-equiv="refresh" content="5; URL=/?bm-verify=AAQAAAAF">',
  ),
  DataDome: page(
    'example.com',
    '<p id="cmsg">Please enable JS and disable any ad blocker</p><script data-cfasync="false">var dd={"rt":"c","cid":"AHrlqAAAA","hsh":"2AC","t":"bv","s":1,"host":"geo.captcha-delivery.com"}</script><script src="https://ct.captcha-delivery.com/c.js"></script>',
  ),
  'DataDome, in a frame': page(
    'You have been blocked',
    '<iframe src="https://geo.captcha-delivery.com/captcha/?initialCid=AHrl" title="DataDome CAPTCHA"></iframe><h1>We want to make sure it is actually you we are dealing with and not a robot.</h1>',
  ),
  'HUMAN (PerimeterX)': page(
    'Access to this page has been denied',
    '<h1>Press &amp; Hold to confirm you are a human (and not a bot).</h1><div id="px-captcha"></div><p>Reference ID b1e2f3</p><script>window._pxAppId="PXabc";</script>',
  ),
  'Imperva, in a frame': page(
    '',
    '<iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=1-2" width="100%">Request unsuccessful. Incapsula incident ID: 123-456</iframe>',
    '<meta name="ROBOTS" content="NOINDEX, NOFOLLOW">',
  ),
  'Imperva, interruption': page(
    'Pardon Our Interruption',
    "<h1>Pardon Our Interruption</h1><p>As you were browsing something about your browser made us think you were a bot. There are a few reasons this might happen:</p><ul><li>You're a power user moving through this website with super-human speed.</li><li>You've disabled JavaScript in your web browser.</li><li>A third-party browser plugin, such as Ghostery or NoScript, is preventing JavaScript from running.</li></ul><p>To regain access, please make sure that cookies and JavaScript are enabled before reloading the page.</p>",
  ),
  'AWS WAF': page(
    'Human Verification',
    '<div id="captcha-container"></div><script src="https://abc.edge.captcha.awswaf.com/abc/captcha.js"></script><noscript><h1>JavaScript is disabled</h1>In order to continue, we need to verify that you\'re not a robot. This requires JavaScript. Enable JavaScript and then reload the page.</noscript>',
  ),
  'AWS WAF, silent': page(
    '',
    '<div id="challenge-container"></div><script>window.gokuProps={"key":"AQIDAH","iv":"CgA"};AwsWafIntegration.checkForceRefresh()</script><script src="https://abc.token.awswaf.com/abc/challenge.js"></script>',
  ),
  Sucuri: page(
    'Sucuri WebSite Firewall - Access Denied',
    '<h1>Access Denied - Sucuri Website Firewall</h1><p>If you are the site owner (or you manage this site), please whitelist your IP or if you think this block is an error please open a support ticket.</p><h2>Block details:</h2><p>Your IP: 192.0.2.7</p>',
  ),
  'DDoS-Guard': page(
    'DDoS-Guard',
    '<h1>Checking your browser before accessing example.org</h1><p>Please wait a few seconds. Once this check is complete, the website will open automatically</p><script src="/.well-known/ddos-guard/js-challenge/index.js"></script>',
  ),
  Kasada: page(
    '',
    '<script>window.KPSDK={};KPSDK.now=Date.now</script><script src="/149e9513-01fa/2d206a39/ips.js?KP_UIDz=0&x-kpsdk-v=1"></script>',
  ),
  'Google, sorry': {
    html: page(
      'https://www.google.com/search?q=x',
      '<form id="captcha-form" action="index"><div class="g-recaptcha"></div></form><div>About this page<br><br>Our systems have detected unusual traffic from your computer network. This page checks to see if it\'s really you sending the requests, and not a robot.</div>',
    ),
    url: 'https://www.google.com/sorry/index?continue=https://www.youtube.com/watch',
  },
  reCAPTCHA: page(
    'Robot Check',
    '<h4>Enter the characters you see below</h4><p>Sorry, we just need to make sure you\'re not a robot. For best results, please make sure your browser is accepting cookies.</p><form><img src="/captcha/x.jpg"><input name="field-keywords"></form>',
  ),
  hCaptcha: page(
    'One more step',
    '<h1>One more step</h1><p>Please complete the security check to access example.com</p><div class="h-captcha" data-sitekey="33f9"></div><script src="https://hcaptcha.com/1/api.js"></script>',
  ),
  'Reddit, network security': page(
    'Blocked',
    "<h1>whoa there, pardner!</h1><p>Your request has been blocked due to a network policy.</p><p>Try logging in or creating an account here to get back to browsing.</p><p>If you're running a script or application, please register or sign in with your developer credentials.</p>",
  ),
  'nginx, 403':
    '<html><head><title>403 Forbidden</title></head><body><center><h1>403 Forbidden</h1></center><hr><center>nginx/1.27.0</center></body></html>',
  'too many requests': page(
    '429 Too Many Requests',
    '<h1>Too Many Requests</h1><p>You have sent too many requests in a given amount of time. Please try again later.</p>',
  ),
  'Vercel checkpoint': page(
    'Vercel Security Checkpoint',
    '<p>We\'re verifying your browser</p><noscript>Enable JavaScript to continue</noscript><script src="/.well-known/vercel/security/static/challenge.v2.min.js"></script><a>Website owner? Click here to fix</a>',
  ),
  Anubis: page(
    'Making sure you&#39;re not a bot!',
    '<h1>Making sure you&#39;re not a bot!</h1><p>Loading...</p><p>You are seeing this because the administrator of this website has set up Anubis to protect the server against the scourge of AI companies aggressively scraping websites. This can and does cause downtime for the websites, which makes their resources inaccessible for everyone.</p><script id="anubis_challenge" type="application/json">{"rules":{"difficulty":4}}</script>',
  ),
  'F5, rejected': page(
    'Request Rejected',
    'The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1234567890<br><br><a href="javascript:history.back();">[Go Back]</a>',
  ),
  'in German': page(
    'Einen Moment, bitte',
    '<h1>Sind Sie ein Mensch?</h1><p>Wir haben ungewöhnlichen Datenverkehr aus Ihrem Netz festgestellt. Bitte bestätigen Sie, dass Sie kein Roboter sind.</p><div class="g-recaptcha"></div>',
  ),
  'in French': page(
    'Vérification de sécurité',
    '<h1>Vérifions que vous n\'êtes pas un robot</h1><p>Un trafic inhabituel provient de votre réseau.</p><div class="h-captcha"></div>',
  ),
})

const consentPages = all('blocked', {
  'Google, before you continue': {
    html: page(
      'Before you continue to YouTube',
      '<h1>Before you continue to YouTube</h1><p>We use cookies and data to</p><ul><li>Deliver and maintain Google services</li><li>Track outages and protect against spam, fraud, and abuse</li><li>Measure audience engagement and site statistics to understand how our services are used and enhance the quality of those services</li></ul><p>If you choose to “Accept all,” we will also use cookies and data to develop and improve new services, deliver and measure the effectiveness of ads, and show personalized content, depending on your settings.</p><button>Reject all</button><button>Accept all</button><a>More options</a>',
    ),
    url: 'https://consent.youtube.com/m?continue=https://www.youtube.com/',
  },
  'Yahoo, German': {
    html: page(
      'Yahoo ist Teil der Yahoo Markenfamilie',
      '<h1>Yahoo ist Teil der Yahoo Markenfamilie.</h1><p>Wenn Sie unsere Websites und Apps nutzen, verwenden wir Cookies, um: unsere Websites und Apps für Sie bereitzustellen, Nutzer zu authentifizieren. Wenn Sie auf „Alle akzeptieren“ klicken, verarbeiten wir und unsere Partner (einschließlich 239, die Teil des IAB-Frameworks sind) auch Daten und nutzen Cookies für personalisierte Werbung. Weitere Informationen in unserer Datenschutzerklärung und Cookie-Richtlinie, Einwilligung jederzeit widerrufbar.</p><button>Alle akzeptieren</button><button>Alle ablehnen</button><button>Datenschutz- und Cookie-Einstellungen verwalten</button>',
    ),
    url: 'https://consent.yahoo.com/v2/collectConsent?sessionId=1',
  },
  'publisher, pay or consent': page(
    'Willkommen: Datenschutz',
    '<h1>Mit Werbung weiterlesen</h1><p>Besuchen Sie unsere Seite wie gewohnt mit Werbung und Cookies. Zustimmung jederzeit widerrufbar. Wir und unsere bis zu 200 Partner verarbeiten Ihre personenbezogenen Daten, Datenschutz und Zwecke im Privacy Center.</p><button>Akzeptieren und weiter</button><h2>PUR-Abo</h2><p>Nutzen Sie unsere Seite ohne Werbetracking für 4,99 € im Monat.</p><button>Jetzt abonnieren</button>',
  ),
  'privacy choices': page(
    'Your privacy choices',
    '<h1>We value your privacy</h1><p>We and our 842 partners store and access personal data, like browsing data or unique identifiers, on your device. Selecting I Accept enables tracking technologies to support the purposes shown under we and our partners process data to provide. If trackers are disabled, some content and ads you see may not be as relevant to you. Consent may be withdrawn, cookies and vendors are listed in our privacy policy.</p><button>I Accept</button><button>Show Purposes</button>',
  ),
  'in French': page(
    'Gérer mes cookies',
    '<h1>Avec votre consentement</h1><p>Nos 148 partenaires et nous utilisons des cookies pour stocker et accéder à des données personnelles. Vous pouvez retirer votre consentement à tout moment, voir notre politique de confidentialité et la liste des partenaires.</p><button>Accepter et continuer</button><button>Refuser</button>',
  ),
  'in Dutch': {
    html: page(
      'Privacy gate',
      '<h1>Jouw privacy is belangrijk</h1><p>Wij en onze partners gebruiken cookies en vergelijkbare technieken. Geef toestemming of pas je voorkeuren aan. Met jouw toestemming verwerken wij privacy gegevens voor partners.</p><button>Akkoord</button><button>Instellen</button>',
    ),
    url: 'https://myprivacy.example.nl/consent?siteKey=1',
  },
  'in Spanish': page(
    'Antes de continuar',
    '<h1>Tu privacidad nos importa</h1><p>Nosotros y nuestros socios usamos cookies. Con tu consentimiento tratamos datos. Cookies de socios, consentimiento y privacidad en nuestra política de cookies.</p><button>Aceptar</button><button>Rechazar</button>',
  ),
  'cookies, bare': page(
    'Cookie settings',
    '<h1>Cookie settings</h1><p>This site needs your consent to set cookies. Cookies from our partners help with tracking. You may change your privacy preferences and withdraw consent for vendors.</p><input type="submit" value="Agree"><input type="submit" value="Decline">',
  ),
})

const loginPages = all('blocked', {
  Facebook: page(
    'Log in to Facebook',
    '<h2>Log in to Facebook</h2><form><input name="email" placeholder="Email or phone number"><input type="password" name="pass"><button>Log in</button></form><a>Forgotten password?</a><a>Create new account</a>',
  ),
  LinkedIn: page(
    'Sign Up | LinkedIn',
    '<h1>Join LinkedIn</h1><form><label>Email</label><input name="email"><label>Password (6+ characters)</label><input type="password"><button>Agree &amp; Join</button></form><p>Already on LinkedIn? <a>Sign in</a></p>',
  ),
  Instagram: page(
    'Login • Instagram',
    '<h1>Instagram</h1><form><input name="username"><input type="password" name="password"><button>Log in</button></form><a>Forgot password?</a><p>Don\'t have an account? <a>Sign up</a></p>',
  ),
  X: page(
    'Log in to X / X',
    '<h1>Sign in to X</h1><button>Sign in with Google</button><button>Sign in with Apple</button><input name="text"><button>Next</button><button>Forgot password?</button><p>Don\'t have an account? Sign up</p>',
  ),
  WordPress: page(
    'Log In ‹ A blog — WordPress',
    '<h1><a href="https://wordpress.org/">Powered by WordPress</a></h1><form name="loginform" id="loginform" action="/wp-login.php"><label>Username or Email Address</label><input name="log"><label>Password</label><input type="password" name="pwd"><input type="submit" value="Log In"></form><a>Lost your password?</a>',
  ),
  forum: page(
    'A forum - Information',
    `${menu}<h2>Information</h2><p>The board requires you to be registered and logged in to view this forum. You must be logged in to see this topic.</p><form><label>Username:</label><input name="username"><label>Password:</label><input type="password" name="password"><input type="submit" value="Login"></form>${foot}`,
  ),
  'in German': page(
    'Anmelden – Das Portal',
    '<h1>Anmelden</h1><form><label>E-Mail</label><input><label>Passwort</label><input type="password"><button>Anmelden</button></form><a>Passwort vergessen?</a>',
  ),
  'in French': page(
    'Connexion',
    '<h1>Se connecter</h1><form><input name="email"><input type="password"><button>Connexion</button></form><a>Mot de passe oublié ?</a>',
  ),
  'single sign-on': page(
    'Sign in to your account',
    '<div role="main"><div>Sign in</div><form><input type="email" name="loginfmt"><input type="password" hidden><input type="submit" value="Next"></form><a>Can’t access your account?</a></div>',
  ),
})

const softMissingPages = all('gone', {
  WordPress: page(
    'Page not found – A blog',
    `${menu}<main><h1>Oops! That page can’t be found.</h1><p>It looks like nothing was found at this location. Maybe try one of the links below or a search?</p>${teasers}</main>${foot}`,
  ).replace('<body>', '<body class="error404 wp-theme">'),
  'with popular stories': page(
    '404 | The Daily Example',
    `${menu}<h1>Sorry, we can’t find that page</h1><p>The page you are looking for may have been moved or deleted.</p>${teasers}${foot}`,
  ),
  GitHub: page(
    'Page not found · GitHub · GitHub',
    '<h1>404</h1><p>This is not the web page you are looking for.</p><p>Find code, projects, and people on GitHub:</p>',
  ),
  Medium: page(
    'Medium',
    '<h1>PAGE NOT FOUND</h1><h2>404</h2><p>Out of nothing, something.</p><p>You can find (just about) anything on Medium — apparently even a page that doesn’t exist.</p>',
  ),
  Squarespace: page(
    'A studio',
    "<h1>Page not found</h1><p>We couldn't find the page you were looking for. This is either because:</p><ul><li>There is an error in the URL entered into your web browser. Please check the URL and try again.</li><li>The page you are looking for has been moved or deleted.</li></ul><p>You can return to our homepage by clicking here, or you can try searching for the content you are seeking by clicking here.</p>",
  ),
  'article removed': page(
    'The Example Times',
    `${menu}<h1>Article no longer available</h1><p>The article you requested has been removed from our website.</p>${foot}`,
  ),
  'no such story': page(
    'Not Found - Example News',
    '<h1>Not Found</h1><p>The requested URL /2014/05/story.html was not found on this server.</p>',
  ),
  'in German': page(
    'Seite nicht gefunden',
    '<h1>Fehler 404</h1><p>Die von Ihnen aufgerufene Seite kann nicht gefunden werden. Vielleicht wurde sie verschoben.</p>',
  ),
  'in French': page(
    'Page introuvable - Le Journal',
    '<h1>Page introuvable</h1><p>La page que vous cherchez n’existe plus ou a été déplacée.</p>',
  ),
  'in Spanish': page(
    'Página no encontrada',
    '<h1>Página no encontrada</h1><p>Lo sentimos, la página que busca no existe.</p>',
  ),
  'in Portuguese': page(
    'Página não encontrada',
    '<h1>Ops! Página não encontrada</h1><p>O conteúdo que você procura já não existe.</p>',
  ),
  'in Russian': page('Страница не найдена', '<h1>404</h1><p>К сожалению, такая страница не существует.</p>'),
  'in Japanese': page(
    'ページが見つかりません | 例',
    '<h1>ページが見つかりません</h1><p>お探しのページは移動または削除された可能性があります。</p>',
  ),
  'in Chinese': page('404 页面不存在', '<h1>抱歉，页面不存在</h1><p>您访问的页面找不到了。</p>'),
  video: page(
    'Video unavailable',
    '<h1>Video unavailable</h1><p>This video is no longer available because the account has been removed.</p>',
  ),
})

const noscript = '<noscript>You need to enable JavaScript to run this app.</noscript>'
const script = '<script src="/static/js/main.a1b2c3.js"></script>'

const scriptPages = all('needs-js', {
  'React application': page('React App', `${noscript}<div id="root"></div>${script}`),
  'Next, no server side': page(
    'Example',
    `<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{"props":{}}</script>${script}`,
  ),
  Angular: page('Example', `<app-root>Loading...</app-root>${script}`),
  'X, without scripts': page(
    'X',
    `<noscript><h1>JavaScript is not available.</h1><p>We’ve detected that JavaScript is disabled in this browser. Please enable JavaScript or switch to a supported browser to continue using x.com.</p></noscript><div id="react-root"></div>${script}`,
  ),
  'nothing but scripts': page(
    '',
    `<div></div>${script}<script>window.__STATE__=${JSON.stringify('x'.repeat(400))}</script>`,
  ),
  spinner: page('Reader', `<div id="app"><div class="spinner">Loading...</div></div>${script}`),
  'asks for scripts': page('Portal', `<p>Bitte aktivieren Sie JavaScript, um diese Seite zu nutzen.</p>${script}`),
})

const teaser =
  '<p>The committee met for three hours on Tuesday behind closed doors, and what it decided there will change how the town pays for its schools for the next decade.</p><p>Two of its members, who asked not to be named, described a meeting</p>'
const closed =
  '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"What the committee decided","datePublished":"2026-05-03T10:00:00Z","isAccessibleForFree":false}</script>'

const paywallPages = all('paywalled', {
  'schema.org says so': page(
    'What the committee decided',
    `<article><h1>What the committee decided</h1>${teaser}</article>`,
    closed,
  ),
  newspaper: page(
    'What the committee decided - The Example Times',
    `<article><h1>What the committee decided</h1>${teaser}<div class="gate"><p>Subscribe to continue reading. Already a subscriber? Log in</p></div></article>`,
    '<meta property="og:type" content="article">',
  ),
  'newsletter platform': page(
    'Issue 41 - by A. Writer',
    `<article><h1>Issue 41</h1>${teaser}<div class="paywall"><h2>This post is for paid subscribers</h2><a class="button">Subscribe</a><p>Already a paid subscriber? <a>Sign in</a></p></div></article>`,
    '<meta property="og:type" content="article">',
  ),
  metered: page(
    'What the committee decided',
    `<article><h1>What the committee decided</h1>${teaser}<p>You’ve reached your limit of free articles. Start your free trial to keep reading.</p></article>`,
    '<meta property="article:published_time" content="2026-05-03T10:00:00Z">',
  ),
  'in German': page(
    'Was der Ausschuss beschloss',
    `<article><h1>Was der Ausschuss beschloss</h1><p>Drei Stunden lang tagte der Ausschuss am Dienstag hinter verschlossenen Türen. Was er dort beschloss, wird ändern, wie die Stadt ihre Schulen bezahlt.</p><p>Dieser Artikel ist nur für Abonnenten. Jetzt weiterlesen mit dem Probeabo.</p></article>`,
    '<meta property="og:type" content="article">',
  ),
  'in French': page(
    'Ce que la commission a décidé',
    `<article><h1>Ce que la commission a décidé</h1><p>Réunie trois heures durant à huis clos, la commission a pris mardi une décision qui changera le financement des écoles de la ville.</p><p>Il vous reste 75 % de cet article à lire. La suite est réservée aux abonnés.</p></article>`,
    '<meta property="og:type" content="article">',
  ),
})

const emptyPages = all('empty', {
  'no bytes': '',
  'white space': ' \n\t ',
  'a word without tags': 'OK',
  'an empty body': '<html><head><title></title></head><body></body></html>',
  'a menu': page('Example', `${menu}${foot}`),
  'a list of links': page('All stories', `<h1>All stories</h1>${teasers}`),
  'null bytes': '\0'.repeat(5000),
  comments: `<!-- ${'nothing here '.repeat(1000)} -->`,
})

const repeat = (text: string, times: number): string => text.repeat(times)

/** Documents made to hang or to burst whoever builds a tree of them. */
const bombPages = [
  ...all('refused', {
    '10 MB of nested elements': repeat('<div>', 2_000_000),
    '50,000 nested elements': repeat('<div>', 50_000),
    '100,000 nested formatting elements': `<p>${repeat('<b>', 100_000)}x`,
    '20,000 nested tables': repeat('<table><tr><td>', 20_000),
    '20,000 nested SVG groups': `<svg>${repeat('<g>', 20_000)}</svg>`,
    'misnested formatting': repeat('<b><i><u><p>', 20_000) + repeat('</b></i>', 20_000),
    'misnested links and tables': repeat('<a href=x><table><b>', 10_000),
    '1,000,000 attributes': `<div ${Array.from({ length: 400_000 }, (_, n) => `a${n}=1`).join(' ')}>x</div>`,
    '500 attributes on each of 500 elements': repeat(
      `<p ${Array.from({ length: 500 }, (_, n) => `a${n}=1`).join(' ')}>x</p>`,
      500,
    ),
    '200,000 paragraphs': repeat('<p>a short one</p>', 200_000),
    '2,000,000 references': repeat('&amp', 1_200_000),
    '4 MB of `<`': repeat('<', 4_000_000),
    '10 MB of `<`': repeat('<', 10_000_000),
    '6 MB of text': `<p>${repeat('word ', 1_200_000)}</p>`,
  }),
  ...all('empty', {
    'a comment that never ends': `<html><body><!--${repeat(' x', 2_000_000)}`,
  }),
  ...all('needs-js', { 'a script that never ends': `<html><body><p></p><script>${repeat('x=1;', 1_000_000)}` }),
  ...all('failed', {
    'a PDF': { html: `%PDF-1.7\n${repeat('1 0 obj <</Type/Page>> endobj\n', 1000)}`, contentType: 'text/html' },
    'a PDF, said so': { html: '%PDF-1.7', contentType: 'application/pdf' },
    'an image': { html: '\x89PNG\r\n', contentType: 'image/png' },
    'a feed': {
      html: '<?xml version="1.0"?><rss version="2.0"><channel><title>A feed</title></channel></rss>',
      contentType: 'text/xml',
    },
    'a site map': {
      html: '<?xml version="1.0"?><urlset><url><loc>https://example.com/</loc></url></urlset>',
      contentType: 'application/xml',
    },
    JSON: { html: '{"error":"not for you"}', contentType: 'application/json' },
  }),
]

const brokenPages = [
  ...all('failed', {
    'bad gateway':
      '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>',
    'no database': page('Database Error', '<h1>Error establishing a database connection</h1>'),
    maintenance: page(
      'Down for maintenance',
      '<h1>We’ll be right back</h1><p>The site is down for scheduled maintenance. Please check again soon.</p>',
    ),
    'Cloudflare, no origin': page(
      'example.com | 522: Connection timed out',
      "<h1>Connection timed out Error code 522</h1><p>The initial connection between Cloudflare's network and the origin web server timed out. As a result, the web page can not be displayed.</p>",
    ),
  }),
  ...all('gone', {
    'domain for sale': page(
      'example.com',
      '<h1>example.com</h1><p>This domain is for sale. Buy this domain today.</p>',
    ),
    'default page': page(
      'Welcome to nginx!',
      '<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed and working. Further configuration is required.</p>',
    ),
    'account suspended': page(
      'Account Suspended',
      '<h1>Account Suspended</h1><p>This Account has been suspended. Contact your hosting provider for more information.</p>',
    ),
  }),
  ...all('blocked', {
    'not in this region': page(
      '451: Unavailable due to legal reasons',
      '<h1>451: Unavailable due to legal reasons</h1><p>We recognize you are attempting to access this website from a country belonging to the European Economic Area and therefore access cannot be granted at this time.</p>',
    ),
  }),
]

export const hostilePages: readonly HostilePage[] = [
  ...challengePages,
  ...consentPages,
  ...loginPages,
  ...softMissingPages,
  ...scriptPages,
  ...paywallPages,
  ...emptyPages,
  ...brokenPages,
  ...bombPages,
]
