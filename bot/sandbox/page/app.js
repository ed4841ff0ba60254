// Three telephones, a clock, a guide and who sees what; drawn from the state the server sends whenever something has changed.
import {label, lost, make, once, page, person, post, set, word} from './base.js';
import {drawGuide, drawPane, forgetChoice, turnStep} from './guide.js';
import {Phone} from './phone.js';

const phones = [];
let source = null;
let start = null;
let resetting = false;
const $ = (id) => document.getElementById(id);

function hold(index, id) {
  const other = page.held.indexOf(id);
  if (other >= 0) page.held[other] = page.held[index];  // one telephone is not in two hands
  page.held[index] = id;
  take(index);
}

function take(index) {
  if (page.current !== index) forgetChoice();
  page.current = index;
  draw();
}

// Where one telephone is shown at a time, all of it comes into view.
function look() { if ($('tabs').offsetParent) $('phones').scrollIntoView(); }

// The telephone of somebody, taken up; with words, they are written and not yet sent.
function pick(id, text) {
  let index = page.held.indexOf(id);
  if (index < 0) { index = 0; page.held[0] = id; }
  take(index);
  const phone = phones[index];
  look();
  if (text !== null) phone.input.value = text;
  (phone.one.started ? text === null ? phone.chat : phone.input : phone.start).focus();
}

function drawTabs() {
  const tabs = $('tabs');
  once(tabs, 'tabs', () => tabs.replaceChildren(...page.held.map((_, index) => make('button', {type: 'button', onclick: () => { take(index); look(); }}))));
  page.held.forEach((id, index) => {
    const one = person(id);
    set(tabs.children[index], one.unread ? `${one.name} (${one.unread})` : one.name);
    tabs.children[index].setAttribute('aria-current', String(index === page.current));
  });
}

function draw() {
  const {state} = page;
  document.documentElement.lang = page.language;
  document.title = word('title');
  for (const node of document.querySelectorAll('[data-word]')) set(node, word(node.dataset.word));
  for (const node of document.querySelectorAll('[data-label]')) label(node, word(node.dataset.label));
  set($('clock'), new Date(state.now * 1000).toLocaleString(page.language === 'zh' ? 'zh-CN' : 'en-GB',
    {weekday: 'short', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai'}));
  const top = $('phones').offsetTop;
  for (const phone of phones) phone.draw();
  drawTabs();
  drawGuide(pick);
  drawPane(draw);
  if ($('tabs').offsetParent && scrollY) scrollBy(0, $('phones').offsetTop - top);  // the guide above may have grown
}

function heard(event) {
  const state = JSON.parse(event.data);
  if (start !== null && start !== state.start) { location.reload(); return; }
  start = state.start;
  const turned = page.state?.language !== state.language;
  const untouched = !page.state || page.held.every((id, index) => id === page.state.words.held[index]);
  page.state = state;
  if (turned && untouched) page.held = [...state.words.held];
  if (!phones.length) {
    page.held.forEach((_, index) => phones.push(new Phone(index, hold)));
    $('phones').append(...phones.map((phone) => phone.box));
    for (const phone of phones) phone.box.addEventListener('focusin', () => { if (page.current !== phone.index) take(phone.index); });
  }
  lost(resetting ? word('resetting') : null);
  draw();
}

function listen() {
  source?.close();
  source = new EventSource(`page/state?language=${page.language}`);
  source.onmessage = heard;
  source.onerror = () => { if (page.state) lost(word(resetting ? 'resetting' : 'lost')); };
}

$('language').addEventListener('click', () => { page.language = page.language === 'zh' ? 'en' : 'zh'; listen(); });
$('back').addEventListener('click', () => turnStep(-1, draw));
$('next').addEventListener('click', () => turnStep(1, draw));
$('tools').addEventListener('click', () => $('tools').setAttribute('aria-expanded', String($('tools').getAttribute('aria-expanded') === 'false')));
for (const button of document.querySelectorAll('[data-skip]')) {
  button.addEventListener('click', () => post({skip: button.dataset.skip}));
}
$('reset').addEventListener('click', () => {
  const dialog = $('dialog');
  const [no, yes] = dialog.querySelectorAll('button');
  set(dialog.querySelector('p'), word('reset_sure'));
  set(no, word('reset_no'));
  set(yes, word('reset'));
  dialog.returnValue = 'no';
  dialog.showModal();
});
$('dialog').addEventListener('close', async () => {
  if ($('dialog').returnValue !== 'yes') return;
  resetting = await post({reset: true});
  if (resetting) lost(word('resetting'));
});
window.addEventListener('focus', () => { if (page.state) for (const phone of phones) phone.look(); });
listen();
