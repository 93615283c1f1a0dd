// WCAG 2.2 AA by axe on every page in three languages, light and dark, and no
// sideways scrolling on a narrow phone.
import test, { before, after, describe } from 'node:test';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { startSite, startServe, startBrowser, axeSource, crowd, langs } from './site.mjs';
import { build, post, visit } from './world.mjs';

let site, browser, world;
before(async () => {
  [site, browser] = await Promise.all([startSite(), startBrowser()]);
  world = await build(site);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const all = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// violations runs axe in the page. The page's own policy forbids inline
// scripts, so it is evaluated by the debugger, not added to the document; once
// for each document, since that costs as much as a run.
async function violations(page, only = { type: 'tag', values: all }) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource + ';0');
  return page.evaluate(async (runOnly) => {
    const result = await window.axe.run(document, { runOnly, resultTypes: ['violations'], preload: false }); // nothing preloaded is asked about
    return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
  }, only);
}

// faults looks at a page in every way that it is shown: all rules in the light,
// the colours in the dark, the width at 320 px, which is 1280 px at 400 %
// (WCAG 1.4.10), and with text of twice the size. Pages are 320 px wide from the
// start: each other width costs a layout.
async function faults(page, path) {
  const found = (await violations(page)).map((v) => `${path}: ${v}`);
  await page.emulateMedia({ colorScheme: 'dark' });
  for (const v of await violations(page, { type: 'rule', values: ['color-contrast', 'link-in-text-block'] })) found.push(`${path}, dark: ${v}`);
  await page.emulateMedia({ colorScheme: 'light' });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) found.push(`${path}: ${wide} px too wide at 320 px`);
  await page.setViewportSize({ width: 640, height: 450 });
  const large = await page.evaluate(() => { // text alone at 200 %, as a phone's own setting makes it (WCAG 1.4.4)
    document.documentElement.style.fontSize = '200%';
    const more = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    document.documentElement.style.fontSize = '';
    return more;
  });
  if (large > 0) found.push(`${path}: ${large} px too wide with text at 200 %`);
  await page.setViewportSize(narrow);
  return found;
}

const narrow = { width: 320, height: 640 };

async function newPage(cookie) {
  const context = await browser.newContext({ colorScheme: 'light', reducedMotion: 'reduce', viewport: narrow });
  if (cookie) {
    const [name, ...value] = cookie.split('=');
    await context.addCookies([{ name, value: value.join('='), url: site.url }]);
  }
  return context.newPage();
}

test('axe does find what is wrong', async () => {
  const page = await browser.newPage();
  await page.setContent('<html><body><img src="data:,"><input><p style="color:#999;background:#fff">pale words</p></body></html>');
  const found = (await violations(page)).join();
  for (const rule of ['image-alt', 'label', 'html-has-lang']) assert.match(found, new RegExp(rule));
  assert.match((await violations(page, { type: 'rule', values: ['color-contrast'] })).join(), /color-contrast/);
  await page.close();
});

test('every page that the sources register is one of these', async () => {
  const dir = new URL('../../internal/web/', import.meta.url);
  const routes = [];
  for (const name of await readdir(dir)) {
    if (!name.endsWith('.go') || name.endsWith('_test.go')) continue;
    const source = await readFile(new URL(name, dir), 'utf8');
    for (const [, path] of source.matchAll(/(?:w\.each\(mux, "GET", "|page\("GET )([^"]+)"/g)) routes.push(path);
  }
  assert.ok(routes.length > 60, 'the routes are found');
  const seen = [...world.pages('kk'), ['/desk/code'], ['/setup/token'], ['/demo/letters']].map(([path]) => path.replace(/^\/kk(?=\/)/, '').replace(/\?.*/, ''));
  const files = /\.(txt|pdf)$|\/json$|\/html$|\/words$/; // what is no page; letters have a test of their own
  const elsewhere = ['/member/{token}']; // asks a member of an assembly, under laws that the demo does not have
  const missing = routes.filter((route) => !files.test(route) && !elsewhere.includes(route) &&
    !seen.some((path) => new RegExp('^' + route.replace('{$}', '').replace(/\{[a-z]+\}/g, '[^/]+') + '$').test(path)));
  assert.deepEqual(missing, []);
});

// secondFactor looks at the administrator's first login: the link, the secret
// for the app, a wrong code, and the desk once it is right.
async function secondFactor(page, bare) {
  const found = [];
  await page.locator('main a[href*="/desk/login/"]').first().click();
  await page.waitForLoadState();
  found.push(...await faults(page, 'login'));
  await page.locator('main form button').click();
  await page.waitForURL('**/desk/code');
  for (const l of langs) {
    await page.goto(`${bare.url}/${l}/desk/code`);
    found.push(...await faults(page, `/${l}/desk/code`));
  }
  const answer = async (code) => {
    await page.locator('input[name=code]').fill(code);
    await page.locator('main form button').last().click();
    await page.waitForLoadState();
  };
  const secret = await page.locator('main code').first().textContent();
  const right = [-1, 0, 1].map((step) => oneTimeCode(secret, step));
  await answer(['000000', '000001', '000002', '000003'].find((code) => !right.includes(code)));
  found.push(...await faults(page, 'a wrong code'));
  await answer(right[1]);
  assert.match(page.url(), /\/desk(\/settings)?$/, 'the right code opens the desk');
  return found;
}

// oneTimeCode is what the app shows now (RFC 6238), or some steps of 30 s later.
function oneTimeCode(secret, step) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + step));
  const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

// codeAgain looks at the page that asks for a code alone, as somebody sees it
// whose app knows the secret.
async function codeAgain(page, bare) {
  const found = [];
  await page.context().clearCookies();
  const link = (await bare.run('staff', 'add', '--email', 'mayor@town.example', '--role', 'admin')).match(/\/desk\/login\/\S+/)[0];
  await page.goto(`${bare.url}/kk${link}`);
  await page.locator('main form button').click();
  for (const l of langs) {
    await page.goto(`${bare.url}/${l}/desk/code`);
    assert.equal(await page.locator('main code').count(), 0, 'the secret is shown once');
    found.push(...await faults(page, `/${l}/desk/code again`));
  }
  return found;
}

// refusals are what somebody sees who sends a form too often: what they typed,
// to send it again; and who reads too fast: a link to try once more.
async function refusals(page, bare) {
  const found = [], fields = { what: 'The same again' };
  for (const l of langs) {
    for (let n = 0; n < 24; n++) await post(`${bare.url}/${l}/complain`, fields);
    const answer = await visit(page, bare, `/${l}/complain`, fields);
    assert.equal(answer.status(), 429);
    found.push(...await faults(page, `/${l}/complain, too often`));
  }
  assert.equal(await page.locator('main input[value="The same again"]').count(), 1, 'what was typed is kept');
  let reading = true;
  const others = Array.from({ length: 6 }, async () => { while (reading) await (await fetch(`${bare.url}/kk/petitions?q=many`)).text(); });
  try {
    for (const l of langs) {
      let status;
      for (let n = 0; n < 50 && status !== 429; n++) status = (await page.goto(`${bare.url}/${l}/petitions?q=one`)).status();
      assert.equal(status, 429);
      assert.ok(await page.locator(`main a.button[href="/${l}/petitions?q=one"]`).count(), 'a link to try again');
      found.push(...await faults(page, `/${l}/petitions, too often`));
    }
  } finally {
    reading = false;
    await Promise.all(others);
  }
  return found;
}

// breakdown is what somebody sees when the disk refuses what they sent. A fault of
// the program itself (500) has the same page, with other words.
async function breakdown(page, bare) {
  const found = [];
  await bare.grow(false);
  for (const l of langs) {
    const answer = await visit(page, bare, `/${l}/complain`, { by: 'person', ground: 'reputation', what: 'The second line', why: 'It is not so.' });
    assert.equal(answer.status(), 503);
    assert.ok(!(await page.locator('main').innerText()).includes('⟦'));
    found.push(...await faults(page, `/${l}/complain, a disk that refuses`));
  }
  await bare.grow(true);
  return found;
}

// Looking changes nothing, so all look at once: each context has a process of
// its own, and a page waits for the server while another is judged.
describe('what axe finds', { concurrency: 3 }, () => {
  for (const l of langs) {
    test(`axe finds nothing on any page in two themes, and none scrolls sideways, ${l}`, async () => {
      const found = [], by = new Map();
      const rows = world.pages(l);
      assert.ok(rows.length > 60, 'the list of pages');
      for (const [path, role, fields] of rows) {
        if (!by.has(role)) by.set(role, await newPage(world.cookies[role]));
        const page = by.get(role);
        const answer = await visit(page, site, path, fields);
        const gone = /no-such-page|altered/.test(path) || world.gone.some((n) => path.endsWith('/petitions/' + n));
        if ((answer.status() >= 400) !== gone && !path.startsWith('/u/') || answer.status() >= 500) found.push(`${path}: status ${answer.status()}`);
        if (!new URL(page.url()).pathname.startsWith(new URL(site.url + path).pathname)) found.push(`${path} leads to ${page.url()}`);
        found.push(...await faults(page, `${path} ${role}${fields?.go ? ' ' + fields.go : ''}`));
      }
      for (const page of by.values()) await page.context().close();
      assert.deepEqual(found, []);
    });
  }

  test('axe finds nothing on the first run of a bare site', async () => {
    const bare = await startServe({ DAUYS_LIMITS: 'on' });
    try {
      const found = [];
      const page = await newPage();
      const path = bare.setup;
      const look = async (l, step) => {
        await page.goto(`${bare.url}/${l}${path}?step=${step}`);
        assert.equal(await page.locator('html').getAttribute('lang'), l);
        found.push(...await faults(page, `/${l} setup ${step}`));
      };
      const answers = { admin: { email: 'mayor@town.example' }, operator: { operator: 'Invented town', contact: 'help@town.example' },
        languages: { lang1: 'ru', lang2: 'kk', lang3: 'en' }, places: { places: 'profile' },
        bodies: { csv: '', 'body.id': 'town-council', 'body.kind': 'council', 'body.name.ru': 'Совет', 'body.name.kk': 'Кеңес', 'body.name.en': 'Council', go: 'add' }, check: null };
      for (const step of ['admin', 'operator', 'profile', 'languages', 'places', 'bodies', 'check']) {
        for (const l of langs) await look(l, step);
        let fields = answers[step];
        if (step === 'profile') {
          fields = { profile: 'kz-civic' };
          fields.ack = await page.locator('#ack-kz-civic').getAttribute('value');
        }
        if (!fields) break;
        assert.equal((await post(`${bare.url}/en${path}`, { step, go: 'next', ...fields })).status, 303, `${step} is taken`);
      }
      await page.goto(`${bare.url}/en${path}?step=check`);
      await page.locator('main form button[value=submit]').click();
      await page.waitForLoadState();
      assert.equal(await page.locator('main a[href*="/desk/login/"]').count(), 1, 'the site is set up');
      found.push(...await faults(page, 'setup done'));
      found.push(...await secondFactor(page, bare), ...await codeAgain(page, bare), ...await breakdown(page, bare), ...await refusals(page, bare));
      await page.context().close();
      assert.deepEqual(found, []);
    } finally {
      await bare.stop();
    }
  });

  test('axe finds nothing on what a crowded server says', async () => {
    const bare = await startServe({ DAUYS_MEMORY: '64MiB' });
    let free = () => {};
    try {
      const page = await newPage();
      await page.goto(bare.url + '/en/accessibility');
      free = await crowd(bare.url);
      assert.equal((await visit(page, bare, '/en/complain', { what: 'The second line' })).status(), 503);
      assert.equal(await page.locator('section[lang]').count(), langs.length, 'in every language');
      assert.deepEqual(await faults(page, 'a crowded server'), []);
      await page.context().close();
    } finally {
      free();
      await bare.stop();
    }
  });

  test('axe finds nothing on forms with faults', async () => {
    const found = [];
    const page = await newPage();
    for (const path of [`/kk/petitions/${world.number}/sign`, `/ru/petitions/${world.number}/withdraw`, '/en/complain', '/kk/start']) {
      await page.goto(site.url + path);
      for (let i = 0; i < 2; i++) { // the first page of /start has nothing to fill in
        const form = page.locator('main form:not([action*="/petitions?"])').last();
        await form.evaluate((f) => { f.noValidate = true; });
        await form.locator('button:not([formaction])').last().click();
        await page.waitForLoadState();
        found.push(...await faults(page, `${path} sent empty`));
      }
    }
    await page.context().close();
    assert.deepEqual(found, []);
  });

  test('axe finds nothing on what is asked before a decision and before hiding', async () => {
    const page = await newPage(world.cookies.moderator);
    const [path] = world.pages('ru').find(([p, role]) => role === 'moderator' && /desk\/petitions/.test(p));
    await page.goto(site.url + path);
    await page.locator('input[name=verdict][value=publish]').check();
    await page.locator('form:has(input[name=verdict]) button[name=preview]').click();
    await page.waitForLoadState();
    assert.deepEqual(await faults(page, 'preview'), []);
    const open = await page.goto(`${site.url}/ru/desk?number=${world.number}`);
    assert.equal(open.status(), 200);
    await page.locator('#takedown ~ details summary').click();
    await page.locator('input[name=hide_reason]').first().check();
    await page.locator('button[name=act][value=hide]').click();
    await page.waitForLoadState();
    assert.equal(await page.locator('.consequences dd').count(), 5, 'what follows is said');
    assert.deepEqual(await faults(page, 'the question before hiding'), []);
    await page.context().close();
  });

  test('axe finds nothing on the letters of the mail box and the samples', async () => {
    const page = await newPage();
    const found = [];
    for (const l of langs) {
      await page.goto(`${site.url}/demo/letters?lang=${l}&in=${l}`);
      found.push(...await faults(page, `samples ${l}`));
      const letters = await page.locator('a[href$="/html"]').evaluateAll((links) => links.map((a) => a.getAttribute('href')));
      assert.ok(letters.length > 35, 'samples of all kinds');
      for (const path of letters.filter((_, i) => i % 6 === langs.indexOf(l))) { // each is made by one template; the words differ
        await page.goto(site.url + path);
        // A letter is no page: it needs no heading, and its colours are the reader's own.
        found.push(...(await violations(page, { type: 'tag', values: all.filter((tag) => tag !== 'best-practice') })).map((v) => `${path}: ${v}`));
      }
    }
    await page.context().close();
    assert.deepEqual(found, []);
  });

  test('no page asks another site for anything, and the policy stops nothing of ours', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const foreign = [], blocked = [];
    page.on('request', (r) => { if (!r.url().startsWith(site.url) && !r.url().startsWith('data:')) foreign.push(r.url()); });
    page.on('console', (m) => { if (m.type() === 'error' && /Content Security Policy/.test(m.text())) blocked.push(m.text()); });
    for (const [path, role, fields] of world.pages('en')) if (!role && !fields) await page.goto(site.url + path);
    assert.deepEqual(foreign, []);
    assert.deepEqual(blocked, []);
    assert.equal((await context.cookies()).length, 0, 'no cookies before login');
    await context.close();
  });
});
