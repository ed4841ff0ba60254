// What to try, step by step, and who sees what of the matter on screen.
import {make, once, page, person, set, word} from './base.js';

// A case in this state has brought its resident so far along the steps.
const REACHED = {received: 4, asked_back: 4, night: 5, open: 5, nobody: 5, engaged: 6, handled: 7, closed: 8};
const SENTENCE = 8;  // characters; what is longer is her need, not her name
let shown = 0;
let before = 0;
let chosen = null;  // a case chosen by hand, until another telephone is taken up

const cast = (step) => page.state.words.held[step.phone];

function reached() {
  const one = person(page.state.words.held[0]);
  const mine = page.state.cases.find((each) => each.of === one.id);
  if (mine) return REACHED[mine.state] ?? 4;
  if (!page.state.known.includes(one.id)) return one.started ? 1 : 0;
  const wrote = one.messages.some((message) => !message.from_bot && message.segments.some(([text]) => text.length >= SENTENCE && !text.startsWith('/')));
  return wrote ? 3 : 2;
}

// [a button to tap] and {words to write}
function draw(text, write) {
  return text.split(/(\[[^\]]*\]|\{[^}]*\})/).map((piece) => {
    const inner = piece.slice(1, -1);
    if (piece.startsWith('[')) return make('b', {class: 'tap'}, inner);
    if (piece.startsWith('{')) return write ? make('button', {type: 'button', class: 'write', title: word('write'), onclick: () => write(inner)}, inner) : inner;
    return piece;
  });
}

export function drawGuide(write) {
  const steps = word_list('steps');
  const now = reached();
  if (now !== before) shown = now;
  before = now;
  const step = steps[shown];
  set(document.getElementById('count'), word('count', {n: shown + 1, of: steps.length}));
  Object.assign(document.getElementById('progress'), {max: steps.length - 1, value: shown});
  const line = document.getElementById('step');
  once(line, [shown, steps.length], () => line.replaceChildren(...draw(step.text, (text) => write(cast(step), text))));
  const whose = document.getElementById('whose');
  whose.hidden = step.phone == null;
  if (step.phone != null) set(whose, word('to_phone', {name: person(cast(step)).name}));
  whose.onclick = () => write(cast(step), null);
  document.getElementById('back').disabled = shown === 0;
  document.getElementById('next').disabled = shown === steps.length - 1;
  const list = document.getElementById('steps');
  once(list, shown, () => list.replaceChildren(...steps.map((each, index) => make('li', {class: index < now ? 'done' : null, 'aria-current': index === shown ? 'step' : null}, ...draw(each.text)))));
  set(document.getElementById('night'), page.state.cases.some((each) => each.state === 'night') ? word('night', {time: page.state.night}) : '');
}
const word_list = (name) => page.state.words[name];

export function turnStep(by, redraw) {
  shown = Math.max(0, Math.min(word_list('steps').length - 1, shown + by));
  redraw();
}

// The case last spoken of on the telephone in hand; where none is named, the newest she has to do with.
function onScreen() {
  const {cases} = page.state;
  const one = person(page.held[page.current]);
  for (const message of [...one.messages].reverse()) {
    const words = message.segments.map(([text]) => text).join('');
    const named = cases.find((each) => words.includes(each.number));
    if (named) return named;
  }
  return cases.find((each) => each.of === one.id || each.asked.includes(one.id)) || cases[0];
}

export const forgetChoice = () => { chosen = null; };

export function drawPane(redraw) {
  const {cases, words} = page.state;
  const [which, where, table, nothing] = ['which', 'where', 'insight', 'nothing'].map((id) => document.getElementById(id));
  const one = cases.find((each) => each.number === chosen) || (cases.length ? onScreen() : null);
  nothing.hidden = one !== null;
  which.hidden = where.hidden = table.hidden = one === null;
  if (!one) return;
  const names = cases.map((each) => each.label);
  once(which, names, () => which.replaceChildren(...cases.map((each) => make('option', {value: each.number}, each.label))));
  which.value = one.number;
  which.onchange = () => { chosen = which.value; redraw(); };
  set(where, words.states[one.state]);
  const roles = Object.keys(one.sees);
  const cell = (role, field) => {
    const sees = one.sees[role].includes(field);
    return make('td', {class: sees ? 'sees' : null, 'data-cell': `${role} ${field}`}, make('span', {'aria-hidden': 'true'}, sees ? '✓' : '–'), make('span', {class: 'unseen'}, words[sees ? 'sees' : 'sees_not']));
  };
  once(table, [one.number, one.sees, one.values], () => {
    const same = table.dataset.of === one.number;
    const old = new Map([...table.querySelectorAll('[data-cell]')].map((each) => [each.dataset.cell, each.className]));
    table.dataset.of = one.number;
    table.replaceChildren(
      make('thead', {}, make('tr', {}, make('td'), ...roles.map((role) => make('th', {scope: 'col', title: words.roles_long[role]}, words.roles[role])))),
      make('tbody', {}, ...Object.entries(one.values).map(([field, value]) => make('tr', {},
        make('th', {scope: 'row'}, make('div', {}, words.fields[field], value && make('span', {}, value))), ...roles.map((role) => cell(role, field))))));
    for (const each of table.querySelectorAll('[data-cell]')) {
      if (same && old.get(each.dataset.cell) !== each.className) each.classList.add('changed');
    }
  });
}
