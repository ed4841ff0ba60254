// A telephone: whose it is, the chat, the keys, the line to write in.
import {label, make, once, page, person, post, set, word} from './base.js';
import {drawMessage, drawWaiting} from './message.js';

const NEAR = 60;  // pixels from the newest message within which the chat follows
const TOAST = 4000;  // milliseconds

export class Phone {
  constructor(index, changed) {
    this.index = index;
    this.changed = changed;
    this.box = document.getElementById('phone').content.firstElementChild.cloneNode(true);
    for (const name of ['avatar', 'holder', 'screen', 'chat', 'empty', 'start', 'newer', 'toast', 'keys', 'more', 'extra', 'send']) this[name] = this.box.querySelector(`.${name}`);
    this.form = this.box.querySelector('form');
    [this.input, this.file] = this.box.querySelectorAll('input');
    this.drawn = new Map();
    this.following = true;
    this.height = 0;  // where the chat was last scrolled to
    this.listen();
  }

  get one() { return person(page.held[this.index]); }

  listen() {
    this.holder.addEventListener('change', () => this.changed(this.index, Number(this.holder.value)));
    this.start.addEventListener('click', () => this.act('start'));
    this.newer.addEventListener('click', () => { this.follow(); this.chat.focus(); });
    this.form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const text = this.input.value;
      this.input.value = '';
      this.follow();
      if (text.trim() && !(await this.act('send', {text})) && !this.input.value) this.input.value = text;
    });
    this.file.addEventListener('change', () => this.attach());
    this.chat.addEventListener('scroll', () => { this.feel(); this.look(); });
    new ResizeObserver(() => this.following && this.follow()).observe(this.chat);
    this.more.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.more.open) return;
      this.more.open = false;
      this.more.firstElementChild.focus();
    });
    document.addEventListener('pointerdown', (event) => { if (!this.more.contains(event.target)) this.more.open = false; });
  }

  async act(what, withThis = {}) {
    this.following = true;
    const done = await post({person: page.held[this.index], do: what, with: withThis});
    if (done === false) this.say(word('gone'));
    return done;
  }

  // A link: to the bot it is a start; any other address is only shown, for nothing leaves this computer.
  open(url) {
    const to = url.match(/^(?:https?:\/\/)?t\.me\/(\w+)(?:\?start=([\w-]*))?$/);
    if (to && to[1] === page.state.bot) this.act('start', {payload: to[2] || ''});
    else this.ask(`${word('address')}\n${url}`, word('ok'));
  }

  attach() {
    const [file] = this.file.files;
    if (!file) return;
    const reader = new FileReader();
    reader.addEventListener('load', () => this.act(file.type.startsWith('audio/') ? 'send_voice' : 'send_photo', {data: reader.result.split(',')[1]}));
    reader.readAsDataURL(file);
    this.file.value = '';
  }

  say(text) {
    set(this.toast, text);
    clearTimeout(this.fading);
    this.fading = setTimeout(() => set(this.toast, ''), TOAST);
  }

  // A question or an alert, on this telephone only. Resolves to whether the answer was yes.
  ask(text, yes, no) {
    const had = this.box.contains(document.activeElement) ? document.activeElement : null;
    return new Promise((resolve) => {
      const close = (answer) => {
        sheet.remove();
        const open = this.screen.querySelector('.sheet') !== null;
        for (const part of [this.chat, this.keys, this.more, this.form]) part.inert = open;
        if (had) (had.isConnected && !had.closest('[hidden]') ? had : this.chat).focus();
        resolve(answer);
      };
      const choices = [[yes, true], [no, false]].filter(([name]) => name);
      const sheet = make('div', {class: 'sheet', role: 'alertdialog', 'aria-label': this.one.name, onkeydown: (event) => { if (event.key === 'Escape') close(false); }},
        make('p', {role: 'alert'}, text),
        make('div', {class: 'row'}, ...choices.map(([name, answer]) => make('button', {type: 'button', class: answer ? 'primary' : 'plain', onclick: () => close(answer)}, name))));
      for (const part of [this.chat, this.keys, this.more, this.form]) part.inert = true;
      this.screen.append(sheet);
      if (had) sheet.querySelector('button').focus();
    });
  }

  // Where the chat stands: a hand that moved it up stops the following, a smaller chat does not.
  feel() {
    const {scrollTop, scrollHeight, clientHeight} = this.chat;
    if (!clientHeight) return;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.following = true;
    else if (scrollTop < this.height) this.following = false;
    this.height = scrollTop;
  }

  follow() {
    this.following = true;
    this.toEnd();
    this.look();
  }

  toEnd() {
    this.chat.scrollTop = this.chat.scrollHeight;
    this.height = this.chat.scrollTop;
  }

  // What is in sight is read; what is not is counted.
  look() {
    const {id, unread, messages} = this.one;
    this.newer.hidden = this.following || !unread;
    set(this.newer, word('newer', {n: unread}));
    if (unread && this.following && this.box.offsetParent !== null && document.hasFocus()) {
      post({person: id, do: 'read', with: {up_to: messages.at(-1).id}});
    }
  }

  draw() {
    const one = this.one;
    const fresh = this.of !== `${one.id} ${page.language}`;
    if (fresh) this.turn(one);
    else this.feel();
    this.box.classList.toggle('current', this.index === page.current);
    this.drawBar(one);
    this.drawChat(one, fresh);
    this.drawFoot(one);
    this.drawToasts(one, fresh);
    this.look();
  }

  // The telephone is put into other hands: nothing of the last owner stays, and nothing is read out.
  turn(one) {
    this.of = `${one.id} ${page.language}`;
    this.drawn.clear();
    this.chat.replaceChildren();
    this.chat.setAttribute('aria-live', 'off');
    setTimeout(() => this.chat.setAttribute('aria-live', 'polite'), 500);
    for (const sheet of this.screen.querySelectorAll('.sheet')) sheet.querySelector('button:last-child').click();
    this.chat.lang = one.language;
    this.following = true;
    this.toasts = one.toasts.length;
    set(this.toast, '');
  }

  drawBar(one) {
    const people = page.state.people;
    const options = people.map((each) => `${each.name} · ${each.role}${each.unread && each.id !== one.id ? ` (${word('unread', {n: each.unread})})` : ''}`);
    once(this.holder, options, () => this.holder.replaceChildren(...options.map((name, index) => make('option', {value: people[index].id}, name))));
    this.holder.value = String(one.id);
    set(this.avatar, one.mark);
    this.avatar.className = `avatar tone${people.indexOf(one) % 8}`;
    const [name, role] = this.box.querySelectorAll('.owner > *');
    set(name, one.name);
    set(role, one.role);
    label(this.box, word('phone_of', {name: one.name}));
    label(this.chat, word('chat_of', {name: one.name}));
  }

  drawChat(one, fresh) {
    const there = new Set();
    for (const message of one.messages) {
      const key = JSON.stringify(message);
      const was = this.drawn.get(message.id);
      there.add(message.id);
      if (was?.key !== key) {
        const node = drawMessage(message, this);
        if (was) this.change(was.node, node);
        else {
          node.classList.toggle('new', !fresh);
          this.chat.append(node);
        }
        this.drawn.set(message.id, {key, node});
      }
      drawWaiting(this.drawn.get(message.id).node, one.waiting);
    }
    for (const [id, {node}] of this.drawn) {
      if (there.has(id)) continue;
      if (node.contains(document.activeElement)) this.chat.focus();
      node.remove();
      this.drawn.delete(id);
    }
    if (this.following) this.toEnd();
  }

  // The finger stays where it was: on the same button if it is still there, else on the message, never on another button.
  change(old, node) {
    const at = document.activeElement;
    const inside = old.contains(at);
    old.replaceWith(node);
    if (!inside) return;
    const same = [...node.querySelectorAll('[data-tap]')].find((one) => one.dataset.tap === at.dataset.tap);
    (same || node).focus({preventScroll: this.following});
  }

  drawFoot(one) {
    const at = document.activeElement;
    const away = (at === this.start && one.started) || (this.keys.contains(at) && !one.keyboard);
    this.empty.hidden = one.started;
    set(this.empty.querySelector('p'), word('empty', {name: one.name}));
    set(this.start, word('start'));
    this.form.parentElement.hidden = !one.started;
    this.input.placeholder = word('type');
    label(this.input, `${word('type')} (${one.name})`);
    label(this.send, word('send'));
    label(this.more.firstElementChild, word('more'));
    this.keys.hidden = !one.keyboard;
    once(this.keys, [one.id, one.keyboard], () => this.keys.replaceChildren(...(one.keyboard?.keyboard || []).map((row) => make('div', {class: 'row'}, ...row.map((key) => this.key(key))))));
    once(this.extra, [one.id, one.menu, one.blocked], () => this.drawExtra(one));
    if (away) this.chat.focus();
  }

  key(key) {
    const question = key.request_contact ? 'share' : key.request_location ? 'share_place' : null;
    return make('button', {type: 'button', class: 'plain', onclick: async () => {
      if (!question || await this.ask(word(question), word('yes'), word('no'))) this.act('press', {label: key.text});
    }}, key.text);
  }

  drawExtra(one) {
    const button = (name, press) => make('button', {type: 'button', class: 'plain', onclick: () => { this.more.open = false; this.more.firstElementChild.focus(); press(); }}, name);
    const sends = (name, what) => button(word(name), () => this.act(what));
    this.extra.replaceChildren(
      make('div', {class: 'group'}, sends('photo', 'send_photo'), sends('voice', 'send_voice'), sends('sticker', 'send_sticker'), sends('location', 'send_location'),
        button(word('choose'), () => this.file.click())),
      make('div', {class: 'group'}, ...one.menu.map((command) => button(`/${command.command} ${command.description}`, () => this.act('send', {text: `/${command.command}`})))),
      make('div', {class: 'group'}, one.blocked ? sends('unblock', 'unblock') : sends('block', 'block')));
  }

  drawToasts(one, fresh) {
    const toasts = fresh ? [] : one.toasts.slice(this.toasts);
    this.toasts = one.toasts.length;
    for (const toast of toasts) if (toast.alert) this.ask(toast.text, word('ok')); else this.say(toast.text);
  }
}
