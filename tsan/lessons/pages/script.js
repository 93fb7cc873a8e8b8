'use strict';
// One script for all pages: on the first page, what is solved; in a lesson, predicting and looking around.
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const data = JSON.parse(find('#data').textContent);
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Of each lesson: "right", "tried" or nothing. A browser may keep nothing of pages on disk.
  const KEY = 'waitgroup-lessons';
  const memory = {
    all() { try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; } },
    set(name, state) {
      try { localStorage.setItem(KEY, JSON.stringify({ ...this.all(), [name]: state })); } catch { /* not kept */ }
    },
    clear() { try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ } },
  };

  function mark(place, state) {
    place.textContent = { right: '✓', tried: '•' }[state] ?? '';
    const words = { right: data.words.solved, tried: data.words.tried }[state];
    if (!words) return;
    const unseen = document.createElement('span');
    unseen.className = 'unseen';
    unseen.textContent = ` ${words}`;
    place.append(unseen);
  }

  // ---- the first page

  function firstPage() {
    const known = memory.all();
    data.lessons.forEach(({ name }) => mark(find(`#state-${name}`), known[name]));
    const solved = data.lessons.filter(({ name }) => known[name] === 'right').length;
    const begun = data.lessons.some(({ name }) => known[name]);
    const open = data.lessons.find(({ name }) => known[name] !== 'right');
    find('#again').hidden = !begun;
    find('#progress').textContent = begun ? fill(data.words.progress, { solved, count: data.lessons.length }) : '';
    const link = find('#go-on');
    link.hidden = !open;
    if (open) {
      link.href = `${open.name}.html`;
      link.textContent = begun ? fill(data.words.go_on, { title: open.title }) : data.words.begin;
    } else {
      find('#progress').textContent = data.words.all_solved;
    }
  }

  // ---- a lesson

  const choices = all('.choice');
  let shown = data.shown; // the picture in view
  let quiet = false; // a focus that asks nothing

  // Each picture is there twice, and the style shows the one that the screen has room for.
  const visible = () => all(`svg[data-picture="${shown}"]`).find((svg) => svg.getBoundingClientRect().width > 0);
  const boxes = () => all('.box', visible());

  function predict(choice) {
    if (document.body.classList.contains('told')) return;
    document.body.classList.add('told');
    const right = choice === data.right;
    choices.forEach((button, i) => button.setAttribute('aria-pressed', i === choice));
    const result = find('#result');
    result.className = right ? 'right' : 'wrong';
    result.textContent = fill(right ? data.words.right : data.words.wrong, { choice: data.choices[data.right] });
    if (data.wrong_program) result.textContent += ` ${data.words.wrong_program}`;
    if (memory.all()[data.name] !== 'right') memory.set(data.name, right ? 'right' : 'tried');
    mark(find('#state'), memory.all()[data.name]);
    find('#reason').append(find('#reason-told').content.cloneNode(true));
    find('#run').replaceChildren(find('#run-told').content.cloneNode(true));
    all('.box').forEach((box) => {
      box.addEventListener('focus', () => { if (!quiet) ask(box); });
      box.addEventListener('click', () => { box.focus(); ask(box); });
      box.addEventListener('keydown', boxKey);
    });
    all('[data-show]').forEach((button) => button.addEventListener('click', () => showPicture(Number(button.dataset.show))));
    all('select').forEach((list) => list.addEventListener('change', () => showPicture(Number(list.value))));
    find('#earlier').addEventListener('click', () => move(-1));
    find('#later').addEventListener('click', () => move(1));
    find('#clear').addEventListener('click', clear);
    enter();
  }

  // Into the picture, at the later of the two acts that it is about, with both in view.
  function enter() {
    const list = boxes(), key = data.pictures[shown].key;
    quiet = true;
    list[key[1] ?? 0].focus({ preventScroll: true });
    quiet = false;
    const bottom = Math.max(...key.map((i) => list[i].getBoundingClientRect().bottom), 0);
    if (bottom > window.innerHeight) find('.verdict').scrollIntoView();
  }

  function clear() {
    all('svg').forEach((svg) => svg.classList.remove('asked'));
    all('.past, .here').forEach((part) => part.classList.remove('past', 'here'));
    find('#clock').replaceChildren();
  }

  function ask(box) {
    const { boxes: told } = data.pictures[shown];
    const index = Number(box.dataset.box), item = told[index];
    clear();
    all(`svg[data-picture="${shown}"]`).forEach((svg) => {
      svg.classList.add('asked');
      all('.box', svg).forEach((other, i) => {
        other.setAttribute('tabindex', i === index ? 0 : -1);
        other.classList.toggle('past', item.past.includes(i));
        other.classList.toggle('here', i === index);
      });
    });
    all(`[data-line="${item.line}"]`).forEach((line) => line.classList.add('here'));
    find('#clock').replaceChildren(...clockOf(item));
  }

  function clockOf(item) {
    const sentence = document.createElement('p');
    sentence.textContent = item.says;
    const table = document.createElement('table');
    table.className = 'clock';
    for (const [cell, row] of [['th', data.pictures[shown].threads], ['td', item.clock]]) {
      const line = table.insertRow();
      row.forEach((value) => { const entry = document.createElement(cell); entry.textContent = value; line.append(entry); });
    }
    if (!item.race) return [sentence, table];
    const race = document.createElement('p');
    race.textContent = item.race;
    return [sentence, table, race];
  }

  function move(by) {
    const list = boxes(), at = list.findIndex((box) => box.classList.contains('here') || box === document.activeElement);
    const to = at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1);
    list[to].focus();
    ask(list[to]);
  }

  function boxKey(event) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -999, End: 999 }[event.key];
    if (by) { event.preventDefault(); move(by); }
    if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); ask(event.currentTarget); }
    if (event.key === 'Escape') clear();
  }

  function showPicture(i) {
    shown = i;
    // The group of a picture begins with the picture of the last button that is not behind it.
    const group = Math.max(...all('[data-show]').map((button) => Number(button.dataset.show)).filter((first) => first <= i));
    all('[data-show]').forEach((button) => button.setAttribute('aria-pressed', Number(button.dataset.show) === group));
    all('select').forEach((list) => { list.hidden = Number(list.dataset.ways) !== group; if (!list.hidden) list.value = i; });
    all('.panel').forEach((panel, j) => { panel.hidden = i !== j; });
    clear();
  }

  if (find('#go-on')) {
    firstPage();
    find('#again').addEventListener('click', () => { memory.clear(); firstPage(); });
    return;
  }
  mark(find('#state'), memory.all()[data.name]);
  choices.forEach((button, i) => button.addEventListener('click', () => predict(i)));
  document.addEventListener('keydown', (event) => {
    if (!event.ctrlKey && !event.altKey && !event.metaKey && '123'.includes(event.key)) predict(Number(event.key) - 1);
  });
})();
