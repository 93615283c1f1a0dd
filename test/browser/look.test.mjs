// What the reader's system asks for: forced colours, less motion, paper, and
// text at 200 %. The width of every page is measured in axe.test.mjs.
import test, { before, after } from 'node:test';
import assert from 'node:assert/strict';
import { startSite, startServe, startBrowser, crowd, firstOpen, langs } from './site.mjs';
import { build, publicPages, visit } from './world.mjs';

let site, browser, number;
before(async () => {
  [site, browser] = await Promise.all([startSite(), startBrowser()]);
  number = await firstOpen(site.url);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function open(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, ...options });
  const page = await context.newPage();
  await page.goto(site.url + path);
  return page;
}

test('with forced colours the button, the bar, the steps and the chart can be seen', async () => {
  const page = await open(`/kk/petitions/${number}`, { forcedColors: 'active', colorScheme: 'dark' });
  const seen = await page.evaluate(() => {
    const style = (q, pseudo) => getComputedStyle(document.querySelector(q), pseudo);
    const canvas = style('body').backgroundColor;
    const shape = (q) => [...document.querySelectorAll(q)].filter((e) => e.getClientRects().length).map((e) => [getComputedStyle(e).fill, getComputedStyle(e).stroke]);
    return { canvas, button: style('.panel .button').borderTopWidth, bar: style('.bar').borderTopWidth,
      done: style('.timeline .done', '::before').backgroundColor, line: shape('.days .line'), mark: shape('.days .mark'), bars: shape('.days rect') };
  });
  assert.equal(seen.button, '1px');
  assert.equal(seen.bar, '1px');
  assert.notEqual(seen.done, seen.canvas);
  assert.ok(seen.line.length === 1 && seen.bars.length > 1 && seen.mark.length > 0, 'one chart is shown: ' + JSON.stringify(seen));
  for (const [, stroke] of [...seen.line, ...seen.mark]) assert.notEqual(stroke, seen.canvas);
  for (const [fill] of seen.bars) assert.notEqual(fill, seen.canvas);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => [getComputedStyle(document.activeElement).outlineStyle, getComputedStyle(document.activeElement).outlineWidth]);
  assert.deepEqual(outline, ['solid', '3px'], 'the focus is seen');
  await page.context().close();
});

test('who asks for less motion gets none', async () => {
  const page = await open(`/ru/petitions/${number}`, { reducedMotion: 'reduce' });
  const moving = () => page.evaluate(() => [...document.querySelectorAll('*')].filter((e) => {
    const s = getComputedStyle(e);
    return s.transitionDuration.split(',').some((d) => parseFloat(d) > 0) || s.animationName !== 'none';
  }).map((e) => e.className));
  assert.deepEqual(await moving(), []);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  assert.ok((await moving()).length > 0, 'others see a change of colour');
  await page.context().close();
});

// unseen are what cannot be made out where the reader's system sets the colours:
// a control or a bar without an edge, a mark in the colour of the paper, a link
// of the menu that looks like the current one.
const unseen = () => {
  const canvas = getComputedStyle(document.body).backgroundColor, shown = (q) => [...document.querySelectorAll(q)].filter((e) => e.getClientRects().length);
  const edge = (s) => ['Top', 'Bottom', 'Left', 'Right'].some((side) => parseFloat(s[`border${side}Width`]) > 0 && s[`border${side}Color`] !== canvas);
  return [
    ...shown('.button, .bar, .chips a, input:not([type=checkbox], [type=radio]), select, textarea, .errors, .box, .notice').filter((e) => !e.closest('.trap') && !edge(getComputedStyle(e))).map((e) => `no edge: ${e.className || e.name || e.tagName}`),
    ...shown('.tag, .key, .checks li').filter((e) => { const s = getComputedStyle(e, '::before'); return s.backgroundColor === canvas && s.boxShadow === 'none' && !edge(s); }).map((e) => `no mark: ${e.className} ${e.textContent}`),
    ...shown('svg rect, svg .line').filter((e) => { const s = getComputedStyle(e); return [s.fill, s.stroke].every((c) => c === canvas || c === 'none'); }).map((e) => `not drawn: ${e.closest('svg').getAttribute('class')}`).slice(0, 3),
    ...shown('.nav a:not([aria-current]), .langs a:not([aria-current])').filter((e) => edge(getComputedStyle(e))).map((e) => `as if current: ${e.textContent}`),
  ];
};

test('every public page can be made out with forced colours, and moves for nobody who asks for less motion', async () => {
  const pages = publicPages(await build(site)), found = [];
  const page = await open('/kk/', { forcedColors: 'active', reducedMotion: 'reduce', colorScheme: 'dark' });
  for (const [name, [path, fields]] of Object.entries(pages)) {
    await visit(page, site, path.startsWith('/demo') ? path : '/kk' + path, fields);
    await page.waitForLoadState('load');
    if (name !== 'gallery') found.push(...(await page.evaluate(unseen)).map((fault) => `${name}: ${fault}`)); // it shows both themes at once, as they are
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((e) => {
      const s = getComputedStyle(e);
      return s.transitionDuration.split(',').some((d) => parseFloat(d) > 0) || s.animationName !== 'none';
    }).length);
    if (moving) found.push(`${name}: ${moving} things move`);
  }
  assert.ok(Object.keys(pages).length > 40);
  assert.deepEqual(found, []);
  await page.context().close();
});

test('what a crowded server says can be made out with forced colours, and with text of twice the size', async () => {
  const bare = await startServe({ DAUYS_MEMORY: '64MiB' });
  let free = () => {};
  try {
    const context = await browser.newContext({ viewport: { width: 320, height: 640 }, forcedColors: 'active', colorScheme: 'dark' });
    const page = await context.newPage();
    await page.goto(bare.url + '/kk/accessibility');
    free = await crowd(bare.url);
    assert.equal((await visit(page, bare, '/kk/complain', { what: 'x' })).status(), 503);
    assert.equal(await page.locator('.button').count(), langs.length);
    assert.deepEqual(await page.evaluate(unseen), []);
    const wide = await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
      return document.documentElement.scrollWidth - document.documentElement.clientWidth;
    });
    assert.equal(wide, 0, 'no sideways scrolling at 320 px with text at 200 %');
    await context.close();
  } finally {
    free();
    await bare.stop();
  }
});

test('on paper a petition has its text, its numbers and the way back, and no controls', async () => {
  const page = await open(`/en/petitions/${number}`, { viewport: { width: 672, height: 900 } });
  await page.emulateMedia({ media: 'print' });
  for (const hidden of ['.head nav', '.foot nav', '.panel .sign', '.demo', '.panel .links']) {
    assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
  }
  for (const shown of ['h1', '.panel .count', '.lede', '.timeline', '.print-code svg', '.days-chart svg >> visible=true']) {
    assert.ok(await page.locator(shown).first().isVisible(), shown);
  }
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
  const sheets = pdf.match(/\/Type\s*\/Page\b/g).length;
  assert.ok(sheets >= 1 && sheets <= 5, `${sheets} sheets`);
  await page.context().close();
});

test('a chart keeps letters of 12 px or more on any screen, and its words in its box', async () => {
  const page = await open(`/kk/petitions/${number}`);
  for (const width of [320, 360, 560, 768, 1000, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const faults = await page.evaluate(() => {
      const svg = [...document.querySelectorAll('.days-chart svg')].filter((e) => e.getClientRects().length);
      if (svg.length !== 1) return [`${svg.length} charts`];
      const box = svg[0].getBoundingClientRect(), scale = box.width / svg[0].viewBox.baseVal.width;
      return [...svg[0].querySelectorAll('text')].flatMap((t) => {
        const r = t.getBoundingClientRect(), size = parseFloat(getComputedStyle(t).fontSize) * scale;
        return [size < 12 && `${t.textContent}: ${size} px`, (r.left < box.left - 2 || r.right > box.right + 2) && `${t.textContent} leaves the chart`].filter(Boolean);
      });
    });
    assert.deepEqual(faults, [], `at ${width} px`);
  }
  await page.context().close();
});

// heard is what a screen reader is told of a page, in the order of reading.
async function heard(page) {
  const cdp = await page.context().newCDPSession(page);
  const { nodes } = await cdp.send('Accessibility.getFullAXTree');
  return nodes.filter((n) => !n.ignored).map((n) => ({ role: n.role?.value ?? '', name: (n.name?.value ?? '').replace(/\s+/g, ' ').trim() }));
}

const asks = ['link', 'button', 'textbox', 'combobox', 'checkbox', 'radio', 'progressbar', 'image', 'graphics-symbol', 'table', 'navigation', 'figure'];

// senseless are controls and pictures without a name, or with a number for one.
const senseless = (nodes) => nodes.filter((n) => asks.includes(n.role) && n.role !== 'figure' && (n.name === '' || /^[\d\s.,%]+$/.test(n.name))).map((n) => `${n.role} "${n.name}"`);

test('a screen reader is told what a petition has come to: the count, how far it is, the steps, the chart and the map', async () => {
  for (const l of langs) {
    const page = await open(`/${l}/petitions/${number}`, { viewport: { width: 1280, height: 900 } }); // a phone draws fewer, unnamed bars
    const nodes = await heard(page);
    const named = (role) => nodes.filter((n) => n.role === role).map((n) => n.name);
    assert.deepEqual(senseless(nodes), [], l);
    assert.equal(named('heading').filter((name) => name === nodes.find((n) => n.role === 'heading').name).length, 1, 'the title is said once');
    const counted = (await page.locator('.panel .count').textContent()).replace(/\s+/g, ' ').trim();
    assert.match(counted, /^\d[\d ,]* \p{L}+$/u, 'the number and its unit');
    assert.equal(named('progressbar').length, 1);
    const [figure] = counted.match(/^[\d ,]*\d/);
    assert.match(named('progressbar')[0], new RegExp(`^\\p{L}+: ${figure} \\S.*\\d$`, 'u'));
    const steps = await page.locator('.timeline li').count();
    assert.ok(steps > 3 && nodes.filter((n) => n.role === 'StaticText' && /^\(.+\)$/.test(n.name)).length >= steps, 'each step says whether it is done');
    const pictures = named('image');
    assert.equal(pictures.length, 2, 'a chart and a map: ' + pictures.join(' | '));
    for (const name of pictures) assert.ok(/\d/.test(name) && name.length > 40, name);
    const bars = named('graphics-symbol');
    assert.equal(new Set(bars).size, bars.length, 'each bar has its own name');
    assert.ok(bars.length > 5 && bars.every((name) => /\d{4}.*: \d/.test(name)), bars.join('; '));
    await page.context().close();
  }
});

test('a screen reader is told what signing asks for, and nothing is a number without its thing', async () => {
  for (const l of langs) {
    const page = await open(`/${l}/petitions/${number}/sign`);
    const nodes = await heard(page);
    assert.deepEqual(senseless(nodes), [], l);
    for (const [role, n] of [['textbox', 1], ['combobox', 1], ['checkbox', 2], ['button', 1]]) assert.equal(nodes.filter((x) => x.role === role).length, n, role);
    for (const path of ['/', '/petitions', '/start']) {
      await page.goto(`${site.url}/${l}${path}`);
      assert.deepEqual(senseless(await heard(page)), [], `/${l}${path}`);
    }
    await page.context().close();
  }
});
