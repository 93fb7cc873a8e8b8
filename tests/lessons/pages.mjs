// The lessons' pages in headless Chromium: node pages.mjs MODELS.json, where MODELS.json tells of each
// page what it must not give away and, for each picture, every box's past. Prints "N passed, N failed".
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const models = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let passed = 0, failed = 0;

function check(good, what) {
  if (good) passed++;
  else { failed++; console.log(`FAILED: ${what}`); }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

async function open(model, problems, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1240, height: 900 }, ...options });
  const page = await context.newPage();
  const url = pathToFileURL(model.page).href;
  page.on('request', (request) => { if (request.url() !== url) problems.push(`requests ${request.url()}`); });
  page.on('console', (message) => problems.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  await page.goto(url);
  return page;
}

async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`);
}

// All that a screen reader can read.
async function spoken(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  return nodes.filter((n) => !n.ignored).flatMap((n) => [n.name?.value, n.description?.value, n.value?.value])
    .filter(Boolean).join('\n');
}

const scrollsSideways = (page) =>
  page.evaluate(() => document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth);
const result = (page) => page.locator('#result').innerText();

async function checkLesson(model) {
  const problems = [], name = model.name;
  let page = await open(model, problems);

  // Nothing gives the answer away.
  for (const [where, text] of [['visible text', await page.evaluate(() => document.body.innerText)],
    ['accessibility tree', await spoken(page)]]) {
    for (const secret of model.secrets)
      check(!text.includes(secret), `${name}: before the prediction the ${where} has "${secret}"`);
    // Each choice stands there once, as a button (and its text, in the tree): no choice more often than another.
    const counts = model.choices.map((choice) => text.split(choice).length - 1);
    check(counts[0] > 0 && counts.every((n) => n === counts[0]), `${name}: ${where} has the choices ${counts} times`);
  }
  check((await violations(page)).length === 0, `${name}, asking: axe: ${await violations(page)}`);

  // A wrong key and the right one; a second prediction changes nothing.
  const wrong = (model.right + 1) % 3;
  await page.keyboard.press(String(wrong + 1));
  check((await result(page)) === `No. The answer is: ${model.choices[model.right]}.`, `${name}: wrong key: ${await result(page)}`);
  await page.keyboard.press(String(model.right + 1));
  check((await result(page)).startsWith('No.'), `${name}: a second prediction counts`);
  await page.context().close();
  page = await open(model, problems);
  await page.keyboard.press(String(model.right + 1));
  check((await result(page)) === `Right: ${model.choices[model.right]}.`, `${name}: right key: ${await result(page)}`);
  const text = await page.evaluate(() => document.body.innerText);
  check(text.includes(model.why), `${name}: the reason does not appear`);

  // Every box by keyboard alone: its past is the model's.
  for (let i = 0; i < model.pictures.length; i++) {
    const boxes = model.pictures[i];
    if (i > 0) {
      await page.locator(`#tab${i - 1}`).focus();
      await page.keyboard.press('ArrowRight');
    }
    const svg = page.locator(`svg[data-picture="${i}"]`);
    check(await svg.isVisible() && await svg.locator('.box').count() === boxes.length, `${name}: picture ${i} is not there`);
    if (i === 0) {
      // Tab leads from the last choice to the first box.
      await page.locator('.choice').last().focus();
      for (let tabs = 0; tabs < 12 && !(await page.evaluate(() => document.activeElement.matches('.box'))); tabs++)
        await page.keyboard.press('Tab');
    } else {
      await page.locator('#clear').click();
      await page.locator('#later').focus();
      await page.keyboard.press('Enter');
    }
    for (let box = 0; box < boxes.length; box++) {
      if (box > 0) await page.keyboard.press(box % 2 ? 'ArrowRight' : 'ArrowDown');
      const seen = await page.evaluate((picture) => ({
        box: Number(document.activeElement.dataset.box),
        label: document.activeElement.getAttribute('aria-label') ?? '',
        past: [...document.querySelectorAll(`svg[data-picture="${picture}"] .past`)].map((b) => Number(b.dataset.box)),
        clock: [...document.querySelectorAll('#clock td')].reduce((sum, cell) => sum + Number(cell.textContent), 0),
      }), i);
      check(seen.box === box && seen.label.startsWith(boxes[box].label), `${name}: box ${box} is labelled ${seen.label}`);
      check(JSON.stringify(seen.past) === JSON.stringify(boxes[box].past),
        `${name}, picture ${i}, box ${box}: past ${seen.past}, by the arrows ${boxes[box].past}`);
      check(seen.clock === boxes[box].past.length, `${name}, picture ${i}, box ${box}: the clock does not count its past`);
    }
  }
  check((await violations(page)).length === 0, `${name}, told: axe: ${await violations(page)}`);
  await page.keyboard.press('Escape');
  check(await page.locator('.past').count() === 0, `${name}: Escape clears nothing`);

  // A narrow window.
  await page.setViewportSize({ width: 320, height: 640 });
  check(!(await scrollsSideways(page)), `${name}: at 320 px the page scrolls sideways`);
  await page.context().close();

  // Forced colours: what is pressed can still be told from what is not.
  page = await open(model, problems, { forcedColors: 'active', viewport: { width: 320, height: 640 } });
  check(!(await scrollsSideways(page)), `${name}: at 320 px, asking, the page scrolls sideways`);
  await page.keyboard.press('1');
  const grounds = await page.locator('.choice').evaluateAll((list) => list.map((b) => getComputedStyle(b).backgroundColor));
  check(grounds[0] !== grounds[1] && grounds[1] === grounds[2], `${name}: forced colours hide the choice: ${grounds}`);
  check((await violations(page)).length === 0, `${name}, forced colours: axe: ${await violations(page)}`);
  await page.context().close();
  check(problems.length === 0, `${name}: ${problems.join('; ')}`);
}

async function checkIndex(model) {
  const problems = [];
  const page = await open(model, problems, { viewport: { width: 320, height: 640 } });
  check((await violations(page)).length === 0, `${model.name}: axe: ${await violations(page)}`);
  check(!(await scrollsSideways(page)), `${model.name}: at 320 px the page scrolls sideways`);
  const links = await page.locator('main a').evaluateAll((list) => list.map((a) => a.getAttribute('href')));
  check(JSON.stringify([...links].sort()) === JSON.stringify(model.links.sort()), `${model.name}: links to ${links}`);
  check(problems.length === 0, `${model.name}: ${problems.join('; ')}`);
  await page.click(`a[href="${links[0]}"]`);
  check(await page.locator('#result').count() === 1, `${model.name}: ${links[0]} leads nowhere`);
  await page.context().close();
}

// A few pages at a time.
async function work() {
  for (let model = models.shift(); model; model = models.shift())
    await (model.pictures ? checkLesson(model) : checkIndex(model));
}
await Promise.all([work(), work(), work()]);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
