// What people do, in a real browser: with JavaScript and without, on a phone,
// and with the keyboard alone.
import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { startSite, startBrowser, langs, firstOpen, letterTo } from './site.mjs';
import { post, letterLink } from './world.mjs';

let site, browser, number;
before(async () => {
  site = await startSite();
  browser = await startBrowser();
  number = await firstOpen(site.url);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const count = async () => (await (await fetch(`${site.url}/petitions/${number}/count.json`)).json()).signature_count;

// confirmByLetter opens the newest letter to an address, follows its link and
// presses its one button.
async function confirmByLetter(page, to) {
  await letterTo(page, site.url, to);
  const link = page.locator('a[href*="/confirm/"]').first();
  await page.goto(await link.getAttribute('href'));
  await page.locator('main form button').click();
  await page.waitForLoadState();
}

async function settled(want) {
  for (let i = 0; i < 20; i++) {
    if ((await count()) === want) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal(await count(), want, 'the count shows within two seconds');
}

// tabTo presses Tab until what has the focus is sought, as the page's user does,
// who sees all the way where the focus is.
async function tabTo(page, selector) {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    const unseen = await page.evaluate(async () => {
      await Promise.allSettled(document.getAnimations().map((a) => a.finished)); // the skip link slides in
      const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
      return e !== document.body && (s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2 || r.bottom < 0 || r.top > innerHeight) && e.outerHTML.slice(0, 120);
    });
    assert.ok(!unseen, 'the focus is not seen on ' + unseen);
    if (await page.locator(`${selector}:focus`).count()) return;
  }
  throw new Error(`Tab never reaches ${selector}`);
}

for (const l of langs) {
  for (const javaScriptEnabled of [true, false]) {
    test(`a first-time signer on a phone, ${l}, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
      const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 360, height: 740 }, locale: l });
      const page = await context.newPage();
      const to = `signer-${l}-${javaScriptEnabled}@people.example`;
      const beforeCount = await count();
      await page.goto(`${site.url}/${l}/petitions/${number}`);
      await page.locator(`main a[href$="/petitions/${number}/sign"]`).first().click();
      await page.locator('input[name=email]').fill(to);
      await page.locator('input[name=eligible]').check();
      await page.locator('main form:has(input[name=email]) button').click();
      await page.waitForLoadState();
      assert.equal(await count(), beforeCount, 'nothing counts before the letter is answered');
      await confirmByLetter(page, to);
      await settled(beforeCount + 1);
      assert.equal(await page.locator('html').getAttribute('lang'), l, 'the letter kept the language');
      await context.close();
    });
  }
}

test('an empty form says what is missing and moves the focus there', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${site.url}/en/petitions/${number}/sign`);
  await page.locator('main form:has(input[name=email])').evaluate((f) => { f.noValidate = true; });
  await page.locator('main form:has(input[name=email]) button').click();
  await page.waitForLoadState();
  const links = page.locator('.errors a');
  assert.ok((await links.count()) >= 2, 'the error summary names e-mail and eligibility');
  await links.first().click();
  const focused = await page.evaluate(() => document.activeElement?.getAttribute('name'));
  assert.equal(focused, 'email');
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`from the petition to the counted signature with the keyboard alone, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    const to = `keyboard-${javaScriptEnabled}@people.example`;
    const beforeCount = await count();
    const reach = (selector) => tabTo(page, selector);
    await page.goto(`${site.url}/en/petitions/${number}`);
    await reach('a[href="#main"]');
    await page.keyboard.press('Enter'); // skips to the content
    await reach(`main a[href$="/petitions/${number}/sign"]`);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sign');
    await reach('input[name=email]');
    await page.keyboard.type(to);
    await reach('input[name=eligible]');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sent');
    await letterTo(page, site.url, to);
    await page.goto(await page.locator('a[href*="/confirm/"]').first().getAttribute('href')); // the mail program opens it
    await reach('main form button');
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await settled(beforeCount + 1);
    await reach('main a[href$="/share"]');
    await context.close();
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`a petitioner from the idea to the published petition, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const thing = javaScriptEnabled ? 'awning' : 'bench';
    const context = await browser.newContext({ viewport: { width: 768, height: 900 }, javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(`${site.url}/en/start`);
    const answers = {
      title: `Put a ${thing} at every bus stop of the invented town`, ask: `We ask the invented akimat to put a ${thing} at every bus stop.`,
      details: 'People wait long.', creator: 'Bench Demo', email: `${thing}@petitioner.example`,
    };
    for (let step = 0; step < 24 && !page.url().endsWith('/sent'); step++) {
      for (const [name, value] of Object.entries(answers)) {
        const field = page.locator(`main [name="${name}"]:not([type=hidden])`);
        if (await field.count()) await field.fill(value);
      }
      for (const [name, value] of [['kind', 'petition'], ['creator_kind', 'person'], ['lang', 'en']]) {
        const choice = page.locator(`main input[type=radio][name="${name}"][value="${value}"]`);
        if (await choice.count()) await choice.check();
      }
      const body = page.locator('main select[name=body]');
      if (await body.count()) await body.selectOption({ index: 1 });
      const eligible = page.locator('main input[type=checkbox][name=eligible]');
      if (await eligible.count()) await eligible.check();
      await page.locator('main form button:not(.second)').last().click();
      await page.waitForLoadState();
    }
    assert.ok(page.url().endsWith('/sent'), 'the wizard ends: ' + page.url());
    await confirmByLetter(page, answers.email);
    const share = await page.locator('a[href*="/p/"]').first().getAttribute('href');
    assert.ok(share, 'the petitioner holds the link for supporters');
    await page.goto(new URL(share, site.url).href);
    assert.equal(await page.locator('h1').count(), 1);
    assert.match(await page.locator('meta[name=robots]').getAttribute('content'), /noindex/);
    const supporters = new URL(page.url()).pathname;
    const friends = Array.from({ length: 20 }, (_, i) => `${thing}-friend-${i}@people.example`); // who have the link
    await Promise.all(friends.map(async (email) => {
      const asked = await post(`${site.url}${supporters}/sign`, { email, eligible: 'yes' });
      assert.ok(asked.status < 400, 'a supporter signs');
      const state = await post(site.url + await letterLink(site, email, 'confirm'), {});
      assert.ok(state.status < 400, 'a supporter counts');
    }));
    for (let i = 0; i < 50 && !(await (await fetch(site.url + '/demo/mail')).text()).includes(`In moderation: Put a ${thing}`); i++) await page.waitForTimeout(100);
    await page.goto(site.url + '/demo/staff');
    await page.locator('main form button').first().click();
    await page.waitForURL('**/desk');
    await page.goto(site.url + '/en/desk?filter=&q=' + thing);
    await page.locator('ol.queue a', { hasText: `Put a ${thing} at every bus stop` }).click();
    await page.locator('input[name=verdict][value=publish]').check();
    await page.locator('form:has(input[name=verdict]) button').click();
    await page.waitForLoadState();
    await page.locator('button[name=confirm]').click();
    await page.waitForLoadState();
    await page.goto(site.url + '/en/petitions?q=' + thing);
    await page.locator('main a', { hasText: `Put a ${thing} at every bus stop` }).click();
    assert.match(await page.locator('h1').textContent(), new RegExp(`Put a ${thing}`));
    await context.close();
  });
}

// Before the mornings in which that case may be decided.
test('a morning at the desk with the keyboard alone: the queue, a case, a decision read and left', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(site.url + '/demo/staff');
  await tabTo(page, 'main form button');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/desk');
  await page.goto(site.url + '/ru/desk');
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('a.skip:focus').count(), 1, 'the first stop skips to the content');
  await page.keyboard.press('Enter');
  await tabTo(page, 'a[href*="filter="]');
  await tabTo(page, '#f-q');
  await page.keyboard.type('туалет');
  await page.keyboard.press('Enter');
  await page.waitForURL('**q=**');
  await tabTo(page, 'ol.queue a');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/desk/petitions/*');
  await tabTo(page, '.jumps a[href="#decide"]');
  await page.keyboard.press('Enter');
  await tabTo(page, 'input[name=verdict]');
  await page.keyboard.press('Space');
  await tabTo(page, 'textarea[name=note]'); // past the grounds, which are one stop
  await tabTo(page, 'button[name=preview]');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await tabTo(page, 'button[name=confirm]');
  await tabTo(page, 'button[name=preview][value=edit]');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.ok(await page.locator('input[name=verdict]:checked').count(), 'what was chosen is still chosen');
  let past = 0; // nothing holds the focus: Tab leaves the page at its end
  for (; past < 200 && !(await page.locator('footer a[href="/api"]:focus').count()); past++) await page.keyboard.press('Tab');
  assert.ok(past < 200, 'the foot is reached');
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`a moderator's morning: the queue, notes, a decision read before it is saved, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled });
    const page = await context.newPage();
    const open = async () => (await (await fetch(`${site.url}/petitions.json?state=open&count=50`)).json()).data.length;
    const before = await open();
    await page.goto(site.url + '/demo/staff');
    await page.locator('main form button').first().click();
    await page.waitForURL('**/desk');
    // The first that this officer may publish: appeals and second opinions are somebody else's.
    const publish = page.locator('form:has(input[name=verdict]) input[name=verdict][value=publish]');
    for (const href of await page.locator('ol.queue a[href*="/desk/petitions/"]').evaluateAll((all) => all.map((a) => a.href))) {
      await page.goto(href);
      if (await publish.count()) break;
    }
    await page.locator('textarea[name=remark]').fill('Read it in the morning.');
    await page.locator('form:has(textarea[name=remark]) button').first().click();
    await page.waitForLoadState();
    assert.match(await page.locator('main').textContent(), /Read it in the morning\./);
    const decide = page.locator('form:has(input[name=verdict])');
    await decide.locator('input[name=verdict][value=publish]').check();
    await decide.locator('button[name=preview]').click();
    await page.waitForLoadState();
    assert.equal(await open(), before, 'looking decides nothing');
    await page.goBack();
    await decide.locator('input[name=verdict][value=publish]').check();
    await decide.locator('button[name=preview]').click();
    await page.waitForLoadState();
    assert.ok(await page.locator('.consequences dd').count() > 3, 'what follows is said first');
    await page.locator('button[name=confirm]').click();
    await page.waitForLoadState();
    for (let i = 0; i < 20 && (await open()) === before; i++) await page.waitForTimeout(100);
    assert.equal(await open(), before + 1);
    await page.goto(site.url + '/ru/desk/letters');
    assert.equal(await page.locator('table tbody tr').count(), 3, 'what waits to be sent');
    await context.close();
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`a journalist finds the answers that are overdue and takes the data, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(site.url + '/ru/');
    await page.locator('main a[href$="/petitions?state=overdue"]').first().click();
    await page.waitForLoadState();
    const late = page.locator('main a[href*="/ru/petitions/"]');
    assert.ok((await late.count()) > 0, 'the demo has an overdue answer');
    const number = (await late.first().getAttribute('href')).match(/petitions\/(\d+)/)[1];
    await late.first().click();
    await page.waitForLoadState();
    assert.ok(await page.locator('.overdue').count(), 'its page says so, too');
    await page.locator('footer a[href$="/bodies"]').first().click();
    await page.waitForLoadState();
    assert.ok(await page.locator('td .overdue').count(), 'and the list of bodies');
    await page.locator('footer a[href$="/api"]').click();
    await page.waitForLoadState();
    const address = await page.locator('main a[href="/petitions.csv"]').getAttribute('href');
    const answer = await fetch(new URL(address, site.url));
    assert.match(answer.headers.get('content-type'), /^text\/csv/);
    assert.ok((await answer.text()).includes(number), 'the petition is in the file');
    await context.close();
  });
}

test('the large number follows while the page is looked at, and rests while it is not', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.clock.install();
  let asked = 0, answer = { status: 200, json: { signature_count: 1234567 } };
  await page.route('**/count.json', (route) => { asked++; return route.fulfill(answer); });
  await page.goto(`${site.url}/ru/petitions/${number}`);
  const shown = page.locator('[data-count]');
  const step = async (seconds, want) => {
    await page.clock.runFor(seconds * 1000);
    await page.waitForTimeout(300);
    assert.equal(asked, want, `asked after ${seconds} s more`);
  };
  await step(9, 0);
  await step(1, 1);
  assert.equal((await shown.textContent()).replace(/\s+/g, ' ').trim(), '1 234 567 подписей');
  answer = { status: 503, json: {} };
  await step(10, 2); // refused: wait twice as long
  await step(10, 2);
  answer = { status: 200, json: { signature_count: 1234571 } };
  await step(10, 3);
  assert.equal((await shown.textContent()).replace(/\s+/g, ' ').trim(), '1 234 571 подпись');
  const see = (hidden) => page.evaluate((h) => {
    Object.defineProperty(document, 'hidden', { value: h, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await see(true);
  await step(60, 3);
  await see(false);
  await step(10, 4);
  await context.close();
});

test('a change of language in the middle of starting keeps what was typed, without JavaScript', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  await page.goto(`${site.url}/en/start`);
  await page.locator('main form button').first().click();
  for (const answer of ['input[name=kind]', 'input[name=creator_kind]']) {
    await page.locator(answer).first().check();
    await page.locator('main form button:not(.second)').last().click();
  }
  await page.locator('input[name=creator]').fill('Half Way');
  await page.locator('button[formaction="/kk/start"]').click();
  await page.waitForLoadState();
  assert.equal(await page.locator('html').getAttribute('lang'), 'kk');
  assert.equal(await page.locator('input[name=creator]').inputValue(), 'Half Way');
  await page.locator('input[name=creator]').press('Enter');
  await page.waitForLoadState();
  assert.ok(await page.locator('html[lang=kk] input[name=lang]:not([type=hidden])').count(), 'Enter still means to continue');
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  test(`an officer answers for the body, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled });
    const page = await context.newPage();
    await page.goto(site.url + '/demo/staff');
    await page.locator('main form:has(input[value=officer]) button').click();
    await page.waitForURL('**/desk');
    const cases = page.locator('.queue a');
    assert.ok((await cases.count()) > 0, 'something waits for the body');
    await cases.first().click();
    await page.waitForURL('**/desk/petitions/*');
    assert.equal(await page.locator('input[name=verdict]').count(), 0, 'no decision on publication');
    await page.locator('input[name=outcome][value=partly]').check();
    await page.locator('textarea').first().fill('The invented body will do half of it.');
    await page.locator('form:has(input[name=outcome]) button').click();
    await page.waitForURL('**/answer');
    assert.ok((await page.locator('main').textContent()).includes('The invented body will do half of it.'), 'what will be public is shown first');
    await page.locator('input[type=file]').setInputFiles({ name: 'answer.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 an invented document') });
    await page.locator('button[name=confirm]').click();
    await page.waitForURL('**/desk?done=*');
    assert.ok(await page.locator('[role=status]').count());
    await context.close();
  });
}
