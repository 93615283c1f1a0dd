// Brings the demo's world into the states that its pages need, by the same
// forms that people use, and knows the addresses of all pages in these states.
import { firstOpen } from './site.mjs';

// post sends a form as a browser without JavaScript does, and returns the answer.
export async function post(url, fields, cookie = '') {
  return fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields), headers: cookie ? { cookie } : {} });
}

// staff logs in as an invented officer of the demo and returns the cookie.
export async function staff(site, role, n = '1') {
  const answer = await post(site.url + '/demo/staff', { role, n });
  return answer.headers.getSetCookie()[0].split(';')[0];
}

const read = new Map(); // letters by address: they never change

async function letter(url) {
  if (!read.has(url)) read.set(url, await (await fetch(url)).text());
  return read.get(url);
}

// letterLink waits for a letter to an address with a link of a kind.
export async function letterLink(site, to, kind) {
  for (let i = 0; i < 100; i++) {
    const box = await (await fetch(site.url + '/demo/mail')).text();
    for (const [, id] of [...box.matchAll(/href="(\/demo\/mail\/[^"/]+)"/g)].slice(0, 40)) {
      const text = await letter(site.url + id);
      const link = text.match(new RegExp(`href="(https?://[^"]*/${kind}/[^"]+)"`));
      if (text.includes(to) && link) return new URL(link[1]).pathname;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter to ${to} with a link to ${kind}`);
}

const ok = (answer, what) => {
  if (answer.status >= 400) throw new Error(`${what}: ${answer.status}`);
  return answer;
};

// start leads a petition to the point where its petitioner holds their links.
async function start(site, email, more) {
  ok(await post(site.url + '/en/start', { kind: 'petition', creator_kind: 'person', creator: 'Walker Demo', lang: 'en', eligible: 'yes',
    body: 'samal-akimat', email, ...more }), 'start');
  const confirm = await letterLink(site, email, 'confirm');
  ok(await post(site.url + confirm, {}), 'confirm');
  return { confirm, mine: await letterLink(site, email, 'mine') };
}

// visit shows a page of the list: with fields, the answer to a form.
export async function visit(page, site, path, fields) {
  if (!fields) return page.goto(site.url + path, { waitUntil: 'domcontentloaded' });
  if (new URL(page.url()).origin !== site.url) await page.goto(site.url + '/en/accessibility'); // a form is sent from this site
  const arrived = page.waitForNavigation({ waitUntil: 'domcontentloaded' });
  await page.evaluate(([action, rows]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action });
    for (const [name, value] of rows) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    document.body.append(form);
    form.submit();
  }, [path, Object.entries(fields)]);
  return arrived;
}

// publicPages are the public pages by name, each [path below the language, the
// fields of the form that it answers], for pictures and for what is asked of all
// of them.
export function publicPages({ links: x }) {
  const at = `/petitions/${x.number}`, asked = (step, more = {}) => ['/start', { ...x.draft, step, go: 'next', ...more }];
  return Object.fromEntries(Object.entries({
    home: '/', list: '/petitions', filters: '/petitions?state=open&lang=ru', found: '/petitions?q=автобус', typo: '/petitions?q=автобсу', empty: '/petitions?q=zzzz',
    petition: at, few: `/petitions/${x.few}`, answered: `/petitions/${x.answered}`, refused: `/petitions/${x.refused}`, removed: `/petitions/${x.gone}`, hidden: `/petitions/${x.hidden}`,
    share: at + '/share', embed: at + '/embed', sign: at + '/sign', 'sign-faults': [at + '/sign', { email: 'x' }], sent: at + '/sent', confirm: x.confirm, thanks: [x.thanks, {}],
    withdraw: at + '/withdraw', back: x.back, follow: at + '/follow', start: '/start', 'start-name': ['/start', { ...x.draft, step: 'who', go: 'next' }],
    'start-faults': asked('title', { title: '' }), 'start-ask': asked('title'), 'start-check': asked('email'), supporter: x.share, bodies: '/bodies', body: '/bodies/samal-akimat',
    moderation: '/moderation', removals: '/removals', demands: '/demands', complain: '/complain', received: x.received, ledger: '/ledger', verify: '/verify', about: '/about',
    privacy: '/privacy', accessibility: '/accessibility', api: '/api', missing: '/no-such-page', demo: '/demo', mail: '/demo/mail', letter: x.letter, staff: '/demo/staff',
    clock: '/demo/clock', gallery: '/demo/gallery',
  }).map(([name, page]) => [name, [page].flat()]));
}

// build makes the states and returns pages(l): rows of [path, role, fields],
// where role "" is a reader, and a page with fields answers a form.
export async function build(site) {
  const number = await firstOpen(site.url);
  const petition = `${site.url}/en/petitions/${number}`;
  // Letters leave a moment after they are asked for: everybody asks at once.
  const walker = async () => {
    const mine = await start(site, 'walker@petitioner.example', { title: 'Mend the invented stairs', ask: 'We ask to mend the stairs.', details: 'They are steep.' });
    ok(await post(site.url + mine.mine + '/data', {}), 'data');
    return { mine, share: await letterLink(site, 'walker@petitioner.example', 'p'), data: await letterLink(site, 'walker@petitioner.example', 'mine/[^"/]+/data') };
  };
  const signer = async (email, more) => {
    ok(await post(petition + '/sign', { email, eligible: 'yes', ...more }), 'sign');
    return letterLink(site, email, 'confirm');
  };
  const leaver = async (email) => {
    ok(await post(site.url + await signer(email), {}), 'confirm');
    ok(await post(petition + '/withdraw', { email }), 'withdraw');
    return letterLink(site, email, 'withdraw');
  };
  const follower = async (email) => {
    ok(await post(petition + '/follow', { email }), 'follow');
    return letterLink(site, email, 'confirm');
  };
  const [{ mine, share, data }, proposal, confirm, thanks, back, follow] = await Promise.all([walker(),
    start(site, 'office@petitioner.example', { kind: 'proposal', creator_kind: 'organisation', org: 'Invented Society', title: 'A path for prams', ask: 'We propose a path.' }),
    signer('reader@people.example', { updates: 'yes' }), signer('second@people.example'), leaver('third@people.example'), follower('follower@people.example')]);
  ok(await post(petition + '/withdraw', { email: 'reader@people.example' }), 'withdraw');
  const received = ok(await post(site.url + '/en/complain', { by: 'person', ground: 'reputation', petition: number, what: 'The second line', why: 'It is not so.' }), 'complain').headers.get('location');
  const cookies = {};
  for (const role of ['moderator', 'officer', 'auditor', 'admin']) cookies[role] = await staff(site, role);
  const get = async (path, role) => (await fetch(site.url + path, { headers: { cookie: cookies[role] } })).text();
  const of = (html, pattern, what) => {
    const m = html.match(pattern);
    if (!m) throw new Error(`nothing like ${what}`);
    return m[1];
  };
  const queue = await get('/en/desk', 'moderator');
  const theirs = of(queue, /\/en(\/desk\/petitions\/\d+)"[^>]*>A path for prams/, 'the proposal at the desk');
  ok(await post(site.url + '/en' + theirs + '/organisation', { org_email: 'office@society.example', org_source: 'https://society.example/contact' }, cookies.moderator), 'organisation');
  const asked = await letterLink(site, 'office@society.example', 'organisation');
  const other = of(queue.replaceAll(theirs, ''), /\/en(\/desk\/petitions\/\d+)"/, 'another case');
  const complaint = of(await get('/en/desk/complaints', 'moderator'), /\/en(\/desk\/complaints\/\d+)"/, 'a complaint');
  const bodys = of(await get('/en/desk', 'officer'), /\/en(\/desk\/petitions\/\d+)"/, 'a case of the body');
  const states = {};
  for (const state of ['rejected', 'closed', 'open']) {
    const list = await (await fetch(`${site.url}/petitions.json?state=${state}&count=50`)).json();
    states[state] = list.data.map((p) => p.id);
  }
  const [hidden, gone] = states.closed.slice(-2); // a second officer confirms the second
  if (states.closed.length < 4) throw new Error('the demo has fewer petitions than it had');
  for (const [n, acts] of [[gone, ['hide', 'remove']], [hidden, ['hide']]]) {
    for (const [i, act] of acts.entries()) {
      const officer = i ? await staff(site, 'moderator', '2') : cookies.moderator;
      const found = await fetch(`${site.url}/en/desk?number=${n}`, { headers: { cookie: officer }, redirect: 'manual' });
      ok(await post(`${site.url}${found.headers.get('location')}/takedown`, { act, hide_reason: 'unclear', hide_note: 'It names nobody.', confirm: 'yes' }, officer), act);
    }
  }
  const draft = { kind: 'petition', creator_kind: 'person', creator: 'Walker Demo', lang: 'ru', title: 'Ночной автобус от вокзала', ask: 'Просим пустить автобус.', details: 'Пешком далеко.',
    body: 'samal-akimat', email: 'draft@petitioner.example', eligible: 'yes' };
  const steps = ['kind', 'who', 'name', 'lang', 'title', 'ask', 'details', 'more.kk', 'more.en', 'body', 'place', 'email'];
  const newest = of(await get('/demo/mail', 'auditor'), /href="(\/demo\/mail\/[^"/]+)"/, 'a letter');
  const tail = (path) => path.replace(/^\/[a-z]{2}\//, '/');
  const many = await (await fetch(`${site.url}/petitions.json?state=with_response&count=50`)).json();
  const links = { number, answered: many.data[0].id, refused: states.rejected[0], few: states.open.at(-1), gone, hidden, share: tail(share), confirm: tail(confirm), thanks: tail(thanks), back: tail(back), letter: newest, received, draft };
  return { number, cookies, links, gone: [gone, hidden], pages: (l) => [
    ...['/', '/petitions', '/petitions?q=zzzz', '/petitions?state=rejected', '/petitions?state=closed', `/petitions/${number}/sign`, `/petitions/${number}/sent`,
      `/petitions/${number}/withdraw`, `/petitions/${number}/withdraw/sent`, '/start', '/start/sent', '/about', '/privacy', '/accessibility', '/api', '/bodies',
      '/bodies/samal-akimat', '/places', '/places/KZ-75', '/moderation', '/removals', '/demands', '/complain', '/no-such-page', '/ledger', '/verify',
      `/petitions/${number}/follow`, '/petitions?state=overdue', '/petitions?q=qqqqqq&lang=kk',
      ...[...states.rejected.slice(0, 1), ...states.closed.slice(0, 2), ...states.open.slice(0, 6)].map((n) => `/petitions/${n}`),
      ...[confirm, mine.mine, mine.mine + '/withdraw', data, data + '/erase', share, share + '/sign', received, proposal.mine, asked].map(tail),
      '/confirm/altered', '/desk/login/altered'].map((path) => [`/${l}${path}`, '']),
    ...[`/petitions/${number}/share`, `/petitions/${number}/embed`, `/petitions/${gone}`, `/petitions/${hidden}`, share + '/sent', mine.mine + '/data/sent',
      `/petitions/${number}/follow/sent`, back, follow].map((path) => [`/${l}${tail(path)}`, '']),
    ...steps.map((go) => [`/${l}/start`, '', { ...draft, step: 'intro', go }]),
    [`/${l}/start`, '', { ...draft, step: 'email', go: 'next' }],
    [`/${l}${tail(thanks)}`, '', {}],
    ...['/desk/delays', '/desk', '/desk?filter=overdue', theirs, other, '/desk/complaints', complaint, '/desk/demands', '/desk/letters', '/desk/archive', '/desk/sessions'].map((path) => [`/${l}${path}`, 'moderator']),
    ...['/desk', bodys].map((path) => [`/${l}${path}`, 'officer']),
    ...['/desk', theirs].map((path) => [`/${l}${path}`, 'auditor']),
    ...['/desk/settings', ...['operator', 'profile', 'languages', 'places', 'history', 'bodies', 'body?id=samal-akimat', 'staff'].map((g) => '/desk/settings/' + g),
      '/desk/letters'].map((path) => [`/${l}${path}`, 'admin']),
    ...['/demo', '/demo/mail', newest, '/u/altered', '/demo/staff', '/demo/clock', ...(l === 'kk' ? ['/demo/gallery'] : [])].map((path) => [`${path}?lang=${l}`, '']), // the gallery has all languages at once
  ] };
}
