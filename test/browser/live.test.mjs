// What scripts add while somebody types, looks and goes back, as its user meets
// it: late answers, double clicks, the keyboard, no leave to copy, saved data.
import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { startSite, startBrowser, firstOpen } from './site.mjs';

let site, browser, context, page, faults;
before(async () => {
  site = await startSite();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});
test.beforeEach(async () => {
  context = await browser.newContext({ locale: 'ru', viewport: { width: 360, height: 740 } });
  page = await context.newPage();
  faults = [];
  page.on('pageerror', (fault) => faults.push(fault.message));
});
test.afterEach(() => context.close());

const expanded = (yes) => page.waitForFunction((want) => document.querySelector('#q').getAttribute('aria-expanded') === want, String(yes));

test('a search is completed with the keyboard, and the words are those of public petitions', async () => {
  const asked = [];
  page.on('request', (r) => { if (r.url().includes('/words')) asked.push([new URL(r.url()).origin, r.headers().cookie]); });
  await page.goto(`${site.url}/ru/`);
  const box = page.locator('#q[role=combobox]');
  await box.pressSequentially('авто');
  await expanded(true);
  await box.press('ArrowDown');
  const option = page.getByRole('option', { selected: true });
  const word = await option.textContent();
  assert.match(word, /^авто/);
  assert.equal(await box.getAttribute('aria-activedescendant'), await option.getAttribute('id'));
  assert.ok((await option.boundingBox()).height >= 44, 'a finger hits it');
  await box.press('Escape');
  await expanded(false);
  assert.equal(await box.inputValue(), 'авто', 'Escape leaves what was typed');
  await box.press('ArrowDown');
  await expanded(true);
  await box.press('ArrowDown');
  await box.press('Enter');
  await page.waitForURL(/petitions\?q=/);
  assert.equal(new URL(page.url()).searchParams.get('q'), word);
  assert.deepEqual([...new Set(asked.map(String))], [`${site.url},`], 'only this server is asked, without a cookie');
});

test('a late answer never covers a newer one', async () => {
  await page.goto(`${site.url}/ru/petitions`);
  await page.route('**/petitions/words?*', async (route) => {
    const q = new URL(route.request().url()).searchParams.get('q');
    if (q === 'авт') await new Promise((done) => setTimeout(done, 900));
    await route.fulfill({ json: [q + ' answer'] });
  });
  const box = page.locator('#q[role=combobox]');
  await box.pressSequentially('авт');
  await page.waitForTimeout(250);
  await box.pressSequentially('обус');
  await page.getByRole('option', { name: 'автобус answer' }).waitFor();
  await page.waitForTimeout(900);
  assert.deepEqual(await page.locator('.words li').allTextContents(), ['автобус answer']);
  // The same of the list: a filter that is slow, then one that is not.
  await page.route('**/petitions?*state=open*', async (route) => {
    await new Promise((done) => setTimeout(done, 700));
    await route.continue().catch(() => {}); // given up meanwhile
  });
  await box.fill('');
  await page.locator('#f-state').selectOption('open');
  await page.locator('#f-state').selectOption('rejected');
  await page.waitForURL(/state=rejected/);
  await page.waitForTimeout(900);
  assert.match(page.url(), /state=rejected/);
  assert.equal(await page.locator('#found .tag.open').count(), 0);
});

test('back and forth in a filtered list, and a link within the page, load no page anew', async () => {
  await page.goto(`${site.url}/ru/petitions`);
  await page.evaluate(() => { window.same = true; });
  const total = await page.locator('#results').textContent();
  await page.locator('#f-state').selectOption('rejected');
  await page.waitForURL(/state=rejected/);
  await page.waitForFunction((t) => document.querySelector('#results').textContent !== t, total);
  await page.locator('.skip').focus();
  await page.keyboard.press('Enter');
  assert.match(page.url(), /#main$/);
  await page.goBack();
  await page.goBack();
  await page.waitForFunction((t) => document.querySelector('#results').textContent === t, total);
  assert.equal(await page.locator('#f-state').inputValue(), '', 'the field says what the address says');
  await page.goForward();
  await page.waitForFunction((t) => document.querySelector('#results').textContent !== t, total);
  assert.equal(await page.locator('#f-state').inputValue(), 'rejected');
  assert.equal(await page.evaluate(() => window.same), true);
});

test('petitions like the one that is being written are named while its title is typed', async () => {
  const typed = 'Ночной автобус от вокзала'; // the demo has one
  await page.goto(`${site.url}/ru/start`);
  for (let i = 0; i < 8 && !(await page.locator('#f-title').count()); i++) {
    for (const radios of await page.locator('form#wizard fieldset').all()) if (!(await radios.locator(':checked').count())) await radios.locator('input').first().check();
    if (await page.locator('#f-creator').count()) await page.locator('#f-creator').fill('Айша');
    await page.locator('main button[value=next], main form button[type=submit]').first().click();
    await page.waitForLoadState();
  }
  const title = page.locator('#f-title');
  await title.pressSequentially(typed);
  const room = page.locator('[data-similar]');
  await room.locator('li').first().waitFor();
  const link = room.locator('a').first();
  const [other] = await Promise.all([context.waitForEvent('page'), link.click()]);
  await other.waitForLoadState();
  assert.match(other.url(), /\/petitions\/\d+$/);
  assert.equal(await title.inputValue(), typed, 'the form is still there');
  assert.notEqual(await page.locator('[role=status]').filter({ hasText: /петици/ }).first().textContent(), '');
  await title.fill('');
  await room.waitFor({ state: 'hidden' });
});

test('a map says its places to the finger and the keyboard', async () => {
  const number = await firstOpen(site.url);
  await page.goto(`${site.url}/ru/petitions/${number}`);
  const map = page.locator('.places-map svg');
  await map.scrollIntoViewIfNeeded();
  const tip = page.locator('.places-map .tip');
  await map.locator('[data-tip]').first().dispatchEvent('pointerover', { bubbles: true, pointerType: 'touch' });
  const first = await tip.textContent();
  assert.ok(first.length > 3);
  const box = await tip.boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= 360, 'the tip is on the screen');
  await page.keyboard.press('Tab');
  await map.focus();
  await page.keyboard.press('ArrowRight');
  assert.notEqual(await tip.textContent(), first);
  await page.keyboard.press('Escape');
  assert.equal(await tip.textContent(), '');
  assert.equal(await map.locator('title').count(), 0, 'the browser shows none of its own beside it');
});

test('who may not copy gets the address to copy by hand; two clicks say it once', async () => {
  const number = await firstOpen(site.url);
  await page.goto(`${site.url}/ru/petitions/${number}`);
  const list = page.locator('[data-share]');
  const copy = list.locator('button').first();
  await page.evaluate(() => { navigator.clipboard.writeText = async () => {}; });
  const word = await copy.textContent();
  await copy.dblclick();
  await page.waitForFunction((w) => document.querySelector('[data-share] button').textContent !== w, word);
  await page.evaluate(() => { navigator.clipboard.writeText = async () => { throw new DOMException('no', 'NotAllowedError'); }; });
  await copy.click();
  const field = list.locator('input[readonly]');
  assert.equal(await field.inputValue(), await list.getAttribute('data-share'));
  assert.equal(await page.evaluate(() => String(getSelection())), await field.inputValue());
});

test('no script fails on any page that has one', async () => {
  const number = await firstOpen(site.url);
  for (const path of ['/', '/petitions', `/petitions/${number}`, `/petitions/${number}/share`, '/start', '/bodies', '/moderation', '/about']) {
    await page.goto(`${site.url}/ru${path}`);
  }
  assert.deepEqual(faults, []);
});

test('who saves data is asked nothing while typing', async () => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
  const asked = [];
  page.on('request', (r) => { if (r.url().includes('/words') || r.url().includes('count.json')) asked.push(r.url()); });
  await page.goto(`${site.url}/ru/`);
  await page.locator('#q').pressSequentially('автобус');
  await page.waitForTimeout(400);
  assert.deepEqual(asked, []);
});
