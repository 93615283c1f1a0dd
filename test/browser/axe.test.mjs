// WCAG 2.2 AA by axe on every kind of page, in three languages, light and dark,
// and no sideways scrolling on a narrow phone.
import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { startSite, startBrowser, axeSource, langs, firstOpen } from './site.mjs';

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

const pages = (l) => [
  `/${l}/`, `/${l}/petitions`, `/${l}/petitions?q=zzzz`, `/${l}/petitions?state=rejected`, `/${l}/petitions/${number}`,
  `/${l}/petitions/${number}/sign`, `/${l}/petitions/${number}/withdraw`, `/${l}/start`, `/${l}/about`, `/${l}/privacy`,
  `/${l}/accessibility`, `/${l}/api`, `/${l}/bodies`, `/${l}/bodies/samal-akimat`, `/${l}/moderation`, `/${l}/removals`,
  `/${l}/demands`, `/${l}/complain`, `/${l}/no-such-page`, `/${l}/ledger`, `/${l}/verify`,
  `/${l}/petitions/${number}/follow`, `/${l}/petitions?state=overdue`, `/${l}/petitions?q=qqqqqq&lang=kk`,
];

// violations runs axe in the page. The page's own policy forbids inline
// scripts, so it is evaluated by the debugger, not added to the document.
async function violations(page) {
  await page.evaluate(axeSource + ';0');
  const result = await page.evaluate(() => window.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(' | ')}`);
}

test('axe does find what is wrong', async () => {
  const page = await browser.newPage();
  await page.setContent('<html><body><img src="data:,"><input></body></html>');
  const found = (await violations(page)).join();
  for (const rule of ['image-alt', 'label', 'html-has-lang']) assert.match(found, new RegExp(rule));
  await page.close();
});

for (const l of langs) {
  for (const colorScheme of ['light', 'dark']) {
    test(`axe finds nothing, ${l}, ${colorScheme}`, async () => {
      const context = await browser.newContext({ colorScheme, viewport: { width: 360, height: 740 } });
      const page = await context.newPage();
      for (const path of pages(l)) {
        await page.goto(site.url + path);
        assert.deepEqual(await violations(page), [], path);
      }
      await context.close();
    });
  }

  test(`nothing scrolls sideways at 320 px, ${l}`, async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
    const page = await context.newPage();
    for (const path of pages(l)) {
      await page.goto(site.url + path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} is ${wide} px too wide`);
    }
    await context.close();
  });
}

test('axe finds nothing at the desk and in the demo', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(site.url + '/demo/staff');
  assert.deepEqual(await violations(page), [], '/demo/staff');
  await page.goto(site.url + '/demo/gallery');
  assert.deepEqual(await violations(page), [], '/demo/gallery');
  await page.goto(site.url + '/demo/staff');
  await page.locator("main form button").first().click();
  await page.waitForURL('**/desk');
  assert.deepEqual(await violations(page), [], 'queue');
  await page.locator('a[href*="/desk/petitions/"]').first().click();
  await page.waitForURL('**/desk/petitions/*');
  assert.deepEqual(await violations(page), [], 'case');
  await page.goto(site.url + '/demo/staff');
  await page.locator('main form:has(input[value=officer]) button').click();
  await page.waitForURL('**/desk');
  assert.deepEqual(await violations(page), [], 'desk of a body');
  await page.locator('.queue a').first().click();
  await page.waitForURL('**/desk/petitions/*');
  assert.deepEqual(await violations(page), [], 'case of a body');
  await page.goto(site.url + '/kk/start');
  for (const step of ['who', 'who with faults']) {
    await page.locator('main form button').first().click();
    await page.waitForLoadState();
    assert.deepEqual(await violations(page), [], step);
  }
  await page.goto(site.url + '/demo/mail');
  assert.deepEqual(await violations(page), [], '/demo/mail');
  await context.close();
});

test('no page asks another site for anything, and the policy stops nothing of ours', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const foreign = [], blocked = [];
  page.on('request', (r) => { if (!r.url().startsWith(site.url) && !r.url().startsWith('data:')) foreign.push(r.url()); });
  page.on('console', (m) => { if (m.type() === 'error' && /Content Security Policy/.test(m.text())) blocked.push(m.text()); });
  for (const path of pages('en')) await page.goto(site.url + path);
  assert.deepEqual(foreign, []);
  assert.deepEqual(blocked, []);
  assert.equal((await context.cookies()).length, 0, 'no cookies before login');
  await context.close();
});
