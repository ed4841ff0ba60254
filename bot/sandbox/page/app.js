// Three telephones. All words come from the server; what people and the bot wrote is only ever set as text.
const secret = document.querySelector('meta[name=sandbox]').content;
const held = [5001, 5002, 5003];
const STYLES = new Set(['primary', 'success', 'danger']);
const MARKS = {bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'code'};
let language = navigator.language.startsWith('zh') ? 'zh' : 'en';
let state = null;
let source = null;
let current = 0;
const toastsSeen = new Map();

const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
};
const word = (name) => state.words[name];
const person = (id) => state.people.find((one) => one.id === id);

async function post(body) {
  await fetch('page/act', {method: 'POST', headers: {'content-type': 'application/json', 'x-sandbox': secret}, body: JSON.stringify(body)});
}
const act = (id, what, withThis = {}) => post({person: id, do: what, with: withThis});

function ask(text, yes, no) {
  const dialog = document.getElementById('dialog');
  const [first, second] = dialog.querySelectorAll('button');
  dialog.querySelector('p').textContent = text;
  first.textContent = yes;
  second.textContent = no || '';
  second.hidden = !no;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), {once: true}));
}

function drawText(segments) {
  const bubble = make('div', {class: 'bubble'});
  let after = false;  // a quotation ends its own line
  for (const [text, marks] of segments) {
    let node = document.createTextNode(after ? text.replace(/^\n/, '') : text);
    after = marks.some((mark) => mark.type.endsWith('blockquote'));
    for (const mark of marks) {
      if (mark.type.endsWith('blockquote')) node = make('blockquote', {}, node);
      else if (MARKS[mark.type]) node = make(MARKS[mark.type], {}, node);
      else if (mark.type.endsWith('link')) node = make('u', {title: mark.url}, node);
    }
    bubble.append(node);
  }
  return bubble;
}

function drawMessage(id, message, waiting, live) {
  const node = make('div', {class: message.from_bot ? 'message bot' : 'message', 'data-id': message.id});
  node.append(make('span', {class: 'hidden'}, (message.from_bot ? word('bot') : word('you')) + ': '));
  if (message.kind !== 'text') {
    const name = word(message.kind) || message.kind;
    node.append(make('div', {class: 'bubble'}, `[${name}] ${message.contact ? message.contact.phone_number : ''}`));
  }
  if (message.segments.length) node.append(drawText(message.segments));
  for (const row of message.buttons) {
    const line = make('div', {class: 'row'});
    for (const button of row) {
      const busy = live && waiting.includes(button.data);
      line.append(make('button', {type: 'button', class: STYLES.has(button.style) ? button.style : null, 'aria-busy': busy ? 'true' : null,
        title: busy ? word('waiting') : null, onclick: () => act(id, 'forge_callback', {data: button.data, message_id: message.id})}, button.text));
    }
    node.append(line);
  }
  const at = new Date(message.at * 1000).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai'});
  node.append(make('div', {class: 'meta'}, message.edited ? `${at} · ${word('edited')}` : at));
  return node;
}

function drawChat(box, one) {
  const chat = box.querySelector('.chat');
  const near = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
  const before = chat.dataset.drawn;
  const after = JSON.stringify([language, one.messages, one.waiting, one.id]);
  if (before === after) return;
  const focused = document.activeElement?.closest?.('.chat') === chat ? document.activeElement.textContent : null;
  chat.dataset.drawn = after;
  chat.replaceChildren(...one.messages.map((message) => drawMessage(one.id, message, one.waiting, true)));
  if (!one.messages.length) chat.append(make('p', {class: 'meta'}, word('empty')));
  if (one.blocked) chat.append(make('p', {class: 'meta'}, word('blocked')));
  if (near || before === undefined) chat.scrollTop = chat.scrollHeight;
  if (focused !== null) {
    const again = [...chat.querySelectorAll('button')].reverse();
    (again.find((button) => button.textContent === focused) || again[0])?.focus();
  }
}

function drawKeys(box, one) {
  const keys = box.querySelector('.keys');
  keys.replaceChildren();
  keys.hidden = !one.keyboard;
  for (const row of one.keyboard?.keyboard || []) {
    const line = make('div', {class: 'row'});
    for (const key of row) {
      line.append(make('button', {type: 'button', onclick: async () => {
        const asks = key.request_contact ? 'share' : key.request_location && 'share_place';
        if (asks && !(await ask(word(asks), word('yes'), word('no')))) return;
        act(one.id, 'press', {label: key.text});
      }}, key.text));
    }
    keys.append(line);
  }
}

function drawExtra(box, one) {
  const extra = box.querySelector('.extra');
  const button = (name, what, withThis) => make('button', {type: 'button', onclick: () => act(one.id, what, withThis)}, name);
  extra.replaceChildren(
    ...one.menu.map((command) => button(`/${command.command} ${command.description}`, 'send', {text: `/${command.command}`})),
    button(word('photo'), 'send_photo'), button(word('voice'), 'send_voice'), button(word('sticker'), 'send_sticker'),
    button(word('location'), 'send_location'), button(word(one.blocked ? 'unblock' : 'block'), one.blocked ? 'unblock' : 'block'));
}

function drawToast(box, one) {
  const seen = toastsSeen.get(one.id) ?? one.toasts.length;
  toastsSeen.set(one.id, one.toasts.length);
  if (one.toasts.length <= seen) return;
  const toast = one.toasts.at(-1);
  if (toast.alert) { ask(toast.text, word('ok')); return; }
  const line = box.querySelector('.toast');
  line.textContent = toast.text;
  line.hidden = false;
  setTimeout(() => { line.hidden = true; }, 4000);
}

function phone(index) {
  const box = make('section', {class: 'phone'});
  const choose = make('select', {onchange: () => { held[index] = Number(choose.value); draw(); act(held[index], 'read'); }});
  const input = make('input', {autocomplete: 'off', maxlength: 5000});
  const start = make('button', {type: 'button', class: 'primary start', onclick: () => act(held[index], 'start')});
  const form = make('form', {onsubmit: (event) => {
    event.preventDefault();
    if (input.value.trim()) act(held[index], 'send', {text: input.value});
    input.value = '';
  }}, input, make('button', {class: 'send'}));
  box.append(make('header', {}, choose), make('div', {class: 'chat', role: 'log', 'aria-live': 'polite', tabindex: '0'}),
    make('p', {class: 'toast', role: 'status', hidden: true}), make('div', {class: 'keys', hidden: true}),
    make('div', {class: 'foot'}, start, form, make('details', {}, make('summary'), make('div', {class: 'extra'}))));
  return box;
}

function drawPhone(box, index) {
  const one = person(held[index]);
  const choose = box.querySelector('select');
  const options = state.people.map((each) => {
    const mark = each.unread && each.id !== one.id ? ` (${each.unread} ${word('unread')})` : '';
    return make('option', {value: each.id, selected: each.id === one.id}, `${each.name} · ${each.role}${mark}`);
  });
  if (document.activeElement !== choose) choose.replaceChildren(...options);
  choose.setAttribute('aria-label', word('holder'));
  box.setAttribute('aria-label', one.name);
  box.classList.toggle('current', index === current);
  box.querySelector('.chat').setAttribute('aria-label', one.name);
  drawChat(box, one);
  drawKeys(box, one);
  drawToast(box, one);
  if (!box.querySelector('details').contains(document.activeElement)) drawExtra(box, one);
  box.querySelector('summary').textContent = `${word('menu')} · ${word('attach')}`;
  box.querySelector('.start').textContent = word('start');
  box.querySelector('.start').hidden = one.started;
  box.querySelector('form').hidden = !one.started;
  box.querySelector('input').placeholder = word('type');
  box.querySelector('input').setAttribute('aria-label', `${word('type')} (${one.name})`);
  box.querySelector('.send').textContent = word('send');
  if (one.unread && box.offsetParent !== null && document.hasFocus()) act(one.id, 'read');
}

function drawTabs() {
  const tabs = document.getElementById('tabs');
  tabs.replaceChildren(...held.map((id, index) => make('button', {type: 'button', 'aria-current': String(index === current),
    onclick: () => { current = index; draw(); }}, person(id).name + (person(id).unread ? ` (${person(id).unread})` : ''))));
}

function drawInsight() {
  const pane = document.getElementById('insight');
  if (!state.insight.length) { pane.textContent = word('nothing_yet'); return; }
  pane.replaceChildren(...state.insight.map((one) => {
    const roles = one.roles.map((role) => {
      const seen = one.fields.map((field, index) => [field, role.sees[index]]).filter(([, value]) => value !== null);
      const hidden = one.fields.filter((_, index) => role.sees[index] === null);
      return make('li', {}, make('strong', {}, role.role),
        make('dl', {}, ...seen.flatMap(([field, value]) => [make('dt', {}, field), make('dd', {}, value)])),
        hidden.length ? make('p', {class: 'meta'}, `${word('sealed')}${word('colon')}${hidden.join(word('comma'))}`) : null);
    });
    return make('details', {open: one === state.insight[0]}, make('summary', {}, `${one.number} · ${one.state}`), make('ul', {}, ...roles));
  }));
}

function draw() {
  document.documentElement.lang = language;
  document.title = word('title');
  for (const node of document.querySelectorAll('[data-word]')) node.textContent = word(node.dataset.word);
  const now = new Date(state.now * 1000);
  document.getElementById('clock').textContent = now.toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB',
    {weekday: 'short', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai'});
  const phones = document.getElementById('phones');
  if (!phones.children.length) phones.append(...held.map((_, index) => phone(index)));
  [...phones.children].forEach(drawPhone);
  drawTabs();
  document.getElementById('steps').replaceChildren(...word('steps').map((step) => make('li', {}, step)));
  drawInsight();
}

function listen() {
  source?.close();
  source = new EventSource(`page/state?language=${language}`);
  source.onmessage = (event) => { state = JSON.parse(event.data); document.getElementById('lost').hidden = true; draw(); };
  source.onerror = () => { if (state) document.getElementById('lost').hidden = false; };
}

document.getElementById('language').addEventListener('click', () => { language = language === 'zh' ? 'en' : 'zh'; listen(); });
for (const button of document.querySelectorAll('[data-skip]')) {
  button.addEventListener('click', () => post({skip: Number(button.dataset.skip)}));
}
listen();
