// The lessons' pages in headless Chromium: node pages.mjs MODEL.json, which tells of each page what it must
// not give away and, for each picture, every box's past. Prints "N passed, N failed".
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const { site, lessons } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const folder = pathToFileURL(site).href + '/';
const SCREENS = [[1280, 800], [768, 1024], [390, 844]];
const NARROWEST = [320, 640];
// axe takes a second: on all screens for one page of each kind, on two for the others.
const ALL_SCREENS = ['time_is_not_order', 'add_inside_any_order'];
let passed = 0, failed = 0;

function check(good, what) {
  if (good) passed++;
  else { failed++; console.log(`FAILED: ${what}`); }
}

const PATIENCE = 600_000; // milliseconds: only what never comes is an error, however busy the machine is
const browser = await chromium.launch({
  timeout: PATIENCE,
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

// With a memory of its own. A new one for each check would take longer than the checks.
async function openTab() {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('request', (request) => check(request.url().startsWith(folder), `${page.url()} requests ${request.url()}`));
  page.on('console', (message) => check(false, `${page.url()}, console: ${message.text()}`));
  page.on('pageerror', (error) => check(false, `${page.url()}, error: ${error.message}`));
  return page;
}

// Loads a page; nothing is left of what was done on it before but what it remembers.
async function show(page, name, [width, height] = SCREENS[0], { colorScheme = 'light', forcedColors = 'none' } = {}) {
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme, forcedColors });
  await page.goto(`${folder}${name}.html`);
}

async function forgetAll(page) {
  await show(page, 'index');
  await page.evaluate(() => localStorage.clear());
}

async function checkAccessible(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], preload: false }));
  const told = found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`);
  check(told.length === 0, `${where}: axe: ${told.join('; ')}`);
}

// All that a screen reader can read.
async function spoken(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes.filter((n) => !n.ignored).flatMap((n) => [n.name?.value, n.description?.value, n.value?.value])
    .filter(Boolean).join('\n');
}

async function checkFits(page, where) {
  const fits = await page.evaluate(() => document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth &&
    [...document.querySelectorAll('svg')].filter((svg) => svg.getBoundingClientRect().width > 0).every((svg) => {
      const { left, right, width } = svg.getBoundingClientRect();
      // Seen whole, and not so small that its text cannot be read.
      return left >= 0 && right <= innerWidth && width / svg.viewBox.baseVal.width > (innerWidth < 390 ? 0.75 : 0.85);
    }));
  check(fits, `${where}: cut, too small, or scrolls sideways`);
}

const result = (page) => page.locator('#result').innerText();
const told = (model) => model.wrong_program ? ' The program is wrong all the same.' : '';

// Nothing gives the answer away.
async function checkAsking(page, model) {
  for (const [where, text] of [['visible text', await page.evaluate(() => document.body.innerText)],
    ['accessibility tree', await spoken(page)]]) {
    for (const secret of model.secrets)
      check(!text.includes(secret), `${model.name}: before the prediction the ${where} has "${secret}"`);
  }
  check(await page.locator('.choice').count() === 3, `${model.name}: not three choices`);
  const compared = await page.locator('.compare').evaluateAll((list) => list.map((a) => a.getAttribute('href')).join());
  check(compared === model.sibling, `${model.name}: compares with ${compared}`);
  check((await page.locator('.code .new, .code .gone').count() > 0) === (model.sibling !== ''), `${model.name}: changed lines are marked`);
}

// A wrong key and the right one; a second prediction changes nothing, and what was right is remembered.
async function checkPredicting(page, model) {
  const choice = model.choices[model.right];
  await show(page, model.name);
  await page.keyboard.press(String((model.right + 1) % 3 + 1));
  check((await result(page)) === `No, it is: ${choice}.${told(model)}`, `${model.name}: wrong key: ${await result(page)}`);
  await page.keyboard.press(String(model.right + 1));
  check((await result(page)).startsWith('No'), `${model.name}: a second prediction counts`);
  check((await page.locator('#state').innerText()).startsWith('•'), `${model.name}: not marked as tried`);
  await page.reload();
  await page.locator('.choice').nth(model.right).click();
  check((await result(page)) === `Right: ${choice}.${told(model)}`, `${model.name}: right choice: ${await result(page)}`);
  await page.reload();
  check((await page.locator('#state').innerText()).startsWith('✓'), `${model.name}: what was right is forgotten`);
}

// On one screen: asking and told, all of it there; after the answer, verdict, key sentence and both acts in view.
async function checkScreen(page, model, [width, height], colorScheme) {
  const where = `${model.name}, ${width}x${height}, ${colorScheme}`;
  await show(page, model.name, [width, height], { colorScheme });
  await checkFits(page, `${where}, asking`);
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
  check((colorScheme === 'dark') === (ground[0] < 128), `${where}: the ground is ${ground}`);
  const accessible = ALL_SCREENS.includes(model.name) || (colorScheme === 'light' ? width === 1280 : width === 390);
  if (accessible) await checkAccessible(page, `${where}, asking`);
  await page.keyboard.press(String(model.right + 1));
  await checkFits(page, `${where}, told`);
  const seen = await page.evaluate((key) => {
    const svg = [...document.querySelectorAll('svg')].find((each) => each.getBoundingClientRect().width > 0);
    const sentence = document.querySelector('.panel:not([hidden]) .caption') ?? document.querySelector('#reason p');
    const parts = [document.querySelector('#result'), sentence, ...key.map((i) => svg.querySelectorAll('.box')[i])];
    return parts.filter((part) => part.getBoundingClientRect().top < 0 || part.getBoundingClientRect().bottom > innerHeight)
      .map((part) => part.textContent);
  }, model.keys[model.shown]);
  check(seen.length === 0, `${where}: out of view after the answer: ${seen}`);
  // The focus is in the picture; an arrow key moves and asks at once.
  const first = await page.evaluate(() => document.activeElement.dataset.box);
  check(first !== undefined, `${where}: after the answer the focus is not in the picture`);
  await page.keyboard.press(first === '0' ? 'ArrowDown' : 'ArrowUp');
  check(await page.evaluate((before) => document.activeElement.dataset.box !== before &&
    document.activeElement.matches('.here') && document.querySelector('#clock td') !== null, first),
  `${where}: an arrow key does not move to the next box`);
  if (accessible) await checkAccessible(page, `${where}, told`);
}

// The picture i, by keyboard alone.
async function choosePicture(page, i) {
  const first = await page.evaluate((wanted) => Math.max(...[...document.querySelectorAll('[data-show]')]
    .map((button) => Number(button.dataset.show)).filter((show) => show <= wanted)), i);
  await page.locator(`[data-show="${first}"]`).focus();
  await page.keyboard.press('Enter');
  if (i > first) await page.locator('.orders select:visible').focus();
  for (let at = first; at < i; at++) await page.keyboard.press('ArrowDown');
}

// Every box by keyboard, on a page that has been answered: its past is that of the arrows.
async function checkBoxes(page, model, width) {
  for (let i = 0; i < model.pictures.length; i++) {
    const boxes = model.pictures[i], where = `${model.name}, ${width}, picture ${i}`;
    if (model.pictures.length > 1) await choosePicture(page, i);
    const svg = page.locator(`svg[data-picture="${i}"]:visible`);
    check(await svg.count() === 1 && await svg.locator('.box').count() === boxes.length, `${where} is not there`);
    await page.locator('#clear').click();
    await page.locator('#later').focus();
    await page.keyboard.press('Enter');
    for (let box = 0; box < boxes.length; box++) {
      if (box > 0) await page.keyboard.press(box % 2 ? 'ArrowRight' : 'ArrowDown');
      const seen = await svg.evaluate((element) => ({
        box: Number(document.activeElement.dataset.box),
        label: document.activeElement.getAttribute('aria-label') ?? '',
        past: [...element.querySelectorAll('.past')].map((other) => Number(other.dataset.box)),
        clock: [...document.querySelectorAll('#clock td')].reduce((sum, cell) => sum + Number(cell.textContent), 0),
      }));
      check(seen.box === box && seen.label.startsWith(boxes[box].label), `${where}: box ${box} is labelled ${seen.label}`);
      check(JSON.stringify(seen.past) === JSON.stringify(boxes[box].past),
        `${where}, box ${box}: past ${seen.past}, by the arrows ${boxes[box].past}`);
      check(seen.clock === boxes[box].past.length, `${where}, box ${box}: the clock does not count its past`);
    }
    await page.keyboard.press('Escape');
    check(await page.locator('.past').count() === 0, `${where}: Escape clears nothing`);
  }
  // Of pictures with the same verdict, no two are told apart by the same words.
  const groups = await page.locator('.orders select').evaluateAll((lists) =>
    lists.map((list) => [...list.options].map((option) => option.textContent.replace(/ \(\d+\)$/, ''))));
  check(groups.every((labels) => new Set(labels).size === labels.length && !labels.includes('')),
    `${model.name}: pictures are not told apart: ${JSON.stringify(groups)}`);
}

async function checkPaper(page, model) {
  await show(page, model.name);
  for (const state of ['asking', 'told']) {
    if (state === 'told') await page.keyboard.press('1');
    const sheets = (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g).length;
    check(sheets === 1, `${model.name}, ${state}: ${sheets} sheets of paper`);
  }
}

// Forced colours: what is pressed can still be told from what is not. And the narrowest screens.
async function checkForced(page, model) {
  await show(page, model.name, NARROWEST, { forcedColors: 'active' });
  await checkFits(page, `${model.name}, 320, asking`);
  await page.keyboard.press('1');
  await checkFits(page, `${model.name}, 320, told`);
  const grounds = await page.locator('.choice').evaluateAll((list) => list.map((b) => getComputedStyle(b).backgroundColor));
  check(grounds[0] !== grounds[1] && grounds[1] === grounds[2], `${model.name}: forced colours hide the choice: ${grounds}`);
}

async function checkLesson(page, model) {
  await forgetAll(page);
  await show(page, model.name);
  await checkAsking(page, model);
  await checkPredicting(page, model);
  for (const screen of SCREENS) {
    for (const scheme of ['dark', 'light'])
      await checkScreen(page, model, screen, scheme);
    // In the middle there is the wide picture once more.
    if (screen !== SCREENS[1]) await checkBoxes(page, model, screen[0]);
  }
  await checkPaper(page, model);
  await checkForced(page, model);
}

// From the first page through the course by its links, answering; and back.
async function checkCourse(page) {
  await forgetAll(page);
  await show(page, 'index', SCREENS[2]);
  const here = () => page.url().replace(folder, '').replace('.html', '');
  const listed = await page.locator('.lessons div > a').evaluateAll((list) => list.map((a) => a.getAttribute('href')));
  check(JSON.stringify(listed) === JSON.stringify(lessons.map(({ name }) => `${name}.html`)), `the first page lists ${listed}`);
  const follow = async (link) => { await page.click(link); await page.waitForLoadState(); };
  await follow('#go-on');
  for (const [i, model] of lessons.entries()) {
    check(here() === model.name, `lesson ${i + 1} is ${here()}, not ${model.name}`);
    // The second and the last are answered wrongly.
    const wrong = i === 1 || i === lessons.length - 1;
    await page.keyboard.press(String((model.right + wrong) % 3 + 1));
    if (i + 1 < lessons.length) await follow(i % 2 ? '.ahead a' : '.turn .next');
  }
  await follow('.turn .previous');
  check(here() === lessons.at(-2).name, `before the last comes ${here()}`);
  await page.goto(`${folder}index.html`);
  const marks = await page.locator('.state').evaluateAll((list) => list.map((state) => state.textContent[0]).join(''));
  check(marks === '✓•' + '✓'.repeat(lessons.length - 3) + '•', `the first page remembers ${marks}`);
  check((await page.locator('#progress').innerText()).startsWith(`${lessons.length - 2} of ${lessons.length}`), 'the count of what is solved');
  check(await page.locator('#go-on').getAttribute('href') === `${lessons[1].name}.html`, 'the first that is not solved');
  await page.click('#again');
  check(await page.locator('.state').evaluateAll((list) => list.every((state) => !state.textContent)), 'nothing is forgotten');
}

// First page and glossary, on each screen; every link and every word's target is there.
async function checkOthers(page) {
  for (const name of ['index', 'glossary'])
    for (const screen of [...SCREENS, NARROWEST])
      for (const colorScheme of ['light', 'dark']) {
        await show(page, name, screen, { colorScheme });
        await checkFits(page, `${name}, ${screen[0]}`);
        await checkAccessible(page, `${name}, ${screen[0]}, ${colorScheme}`);
      }
  const links = new Set();
  for (const name of ['index', 'glossary', ...lessons.map((model) => model.name)]) {
    await page.goto(`${folder}${name}.html`);
    const found = await page.evaluate(() => [document, ...[...document.querySelectorAll('template')].map((t) => t.content)]
      .flatMap((root) => [...root.querySelectorAll('a')].map((a) => a.getAttribute('href'))));
    found.forEach((link) => links.add(link));
  }
  for (const link of links) {
    await page.goto(folder + link);
    const id = link.split('#')[1];
    check(!id || await page.locator(`#${id}`).count() === 1, `a link to ${link}, which is not there`);
  }
}

// A few at a time; those with most pictures first, so that no tab works alone in the end.
const longest = [...lessons].sort((a, b) => b.pictures.length - a.pictures.length);
const jobs = [checkCourse, ...longest.map((model) => (page) => checkLesson(page, model)), checkOthers];
async function work() {
  const page = await openTab();
  for (let job = jobs.shift(); job; job = jobs.shift()) await job(page);
}
await Promise.all([work(), work(), work()]);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
