// One message, as a bubble with the buttons under it.
import {make, page, word} from './base.js';

const STYLES = new Set(['primary', 'success', 'danger']);
const MARKS = {bold: 'b', italic: 'i', underline: 'u', strikethrough: 's', code: 'code', pre: 'code'};
const time = (at) => new Date(at * 1000).toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Shanghai'});

function text(segments, phone) {
  const pieces = [];
  let after = false;  // a quotation ends its own line
  for (const [words, marks] of segments) {
    let node = document.createTextNode(after ? words.replace(/^\n/, '') : words);
    after = marks.some((mark) => mark.type.endsWith('blockquote'));
    for (const mark of marks) {
      if (after && mark.type.endsWith('blockquote')) node = make('blockquote', {}, node);
      else if (MARKS[mark.type]) node = make(MARKS[mark.type], {}, node);
      else if (mark.url) node = make('button', {type: 'button', class: 'link', onclick: () => phone.open(mark.url)}, node);
      else if (mark.type === 'bot_command') node = make('button', {type: 'button', class: 'link', onclick: () => phone.act('send', {text: words})}, node);
    }
    pieces.push(node);
  }
  return pieces;
}

function sound(voice) {
  const audio = new Audio(`page/file/${voice.file_id}`);
  const button = make('button', {type: 'button', 'aria-pressed': 'false', 'aria-label': word('play', {seconds: voice.duration}), onclick: () => {
    if (audio.paused) audio.play().catch(() => {}); else audio.pause();
  }});
  for (const event of ['play', 'pause', 'ended']) audio.addEventListener(event, () => button.setAttribute('aria-pressed', String(!audio.paused)));
  return make('div', {class: 'voice'}, button, make('span', {class: 'wave', 'aria-hidden': 'true'}),
    make('span', {}, `0:${String(voice.duration).padStart(2, '0')}`));
}

const DRAW = {
  photo: (sizes, phone) => {
    const image = make('img', {class: 'photo', alt: word('photo'), src: `page/file/${sizes.at(-1).file_id}`});
    image.addEventListener('load', () => phone.following && phone.follow());
    image.addEventListener('error', () => image.replaceWith(make('p', {class: 'card-line'}, word('photo'))), {once: true});
    return image;
  },
  voice: sound,
  sticker: () => make('img', {class: 'sticker', alt: word('sticker'), src: 'page/sticker.svg', width: 112, height: 112}),
  contact: (card) => make('p', {class: 'card-line'}, `${word('contact')} · ${card.first_name}`, make('br'), card.phone_number),
  location: (spot) => make('p', {class: 'card-line map'}, `${word('place')} · ${spot.latitude.toFixed(3)}, ${spot.longitude.toFixed(3)}`),
  document: (paper) => make('p', {class: 'card-line'}, make('a', {href: `page/file/${paper.file_id}`, download: paper.file_name}, paper.file_name)),
};

function button(given, message, phone) {
  const press = () => (given.url ? phone.open(given.url) : phone.act('forge_callback', {data: given.data, message_id: message.id}));
  const classes = [STYLES.has(given.style) ? given.style : 'plain', given.url ? 'away' : ''].join(' ').trim();
  return make('button', {type: 'button', class: classes, 'data-tap': given.data ?? given.url, disabled: given.data == null && !given.url, onclick: press}, given.text);
}

export function drawMessage(message, phone) {
  const thing = DRAW[message.kind]?.(message.content[message.kind], phone);
  const at = make('span', {class: 'at'}, message.edited ? `${word('edited')} ` : '', make('time', {}, time(message.at)));
  const bubble = make('div', {class: `bubble is-${message.kind}`}, thing, ...text(message.segments, phone), at);
  const rows = message.buttons.map((row) => make('div', {class: 'row'}, ...row.map((given) => button(given, message, phone))));
  return make('article', {class: message.from_bot ? 'message bot' : 'message', tabindex: '-1'},
    make('span', {class: 'unseen'}, `${word(message.from_bot ? 'bot' : 'you')}${word('colon')}`), bubble, ...rows);
}

// A tapped button waits for its answer.
export function drawWaiting(node, waiting) {
  for (const one of node.querySelectorAll('[data-tap]')) {
    const busy = waiting.includes(one.dataset.tap);
    if (busy === one.hasAttribute('aria-busy')) continue;
    one.toggleAttribute('aria-busy', busy);
    if (busy) { one.setAttribute('aria-busy', 'true'); one.title = word('waiting'); } else one.removeAttribute('title');
  }
}
