// Pictures of the main pages at 360, 768 and 1280 px, light and dark, in kk, ru
// and en, into docs/screenshots (or the folder given), to be looked at. A few
// of them are committed; see keep below.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startSite, startBrowser, langs, firstOpen } from './site.mjs';

const out = process.argv[2] ?? new URL('../../docs/screenshots/all', import.meta.url).pathname;
await mkdir(out, { recursive: true });
const site = await startSite();
const browser = await startBrowser();
try {
  const number = await firstOpen(site.url);
  const pages = { home: '/', list: '/petitions', petition: `/petitions/${number}`, sign: `/petitions/${number}/sign`, start: '/start', about: '/about' };
  for (const l of langs) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [360, 768, 1280]) {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: width < 500 ? 740 : 900 } });
        const page = await context.newPage();
        for (const [name, path] of Object.entries(pages)) {
          await page.goto(`${site.url}/${l}${path}`);
          await page.screenshot({ path: join(out, `${name}-${l}-${colorScheme}-${width}.png`), fullPage: true });
        }
        if (l === 'en') {
          await page.goto(site.url + '/demo/staff');
          await page.locator("main form button").first().click();
          await page.waitForURL('**/desk');
          await page.screenshot({ path: join(out, `desk-${colorScheme}-${width}.png`), fullPage: true });
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await site.stop();
}
