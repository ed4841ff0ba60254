// What all parts of the page share. All words come from the server; what people and the bot wrote is only ever set as text.
const secret = document.querySelector('meta[name=sandbox]').content;

export const page = {state: null, held: [], current: 0, language: navigator.language.startsWith('zh') ? 'zh' : 'en'};
export const word = (name, values = {}) => Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), page.state.words[name]);
export const person = (id) => page.state.people.find((one) => one.id === id);

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

// Touches the page only where it differs, so that nothing is announced, animated or unfocused twice.
export function set(node, text) { if (node.textContent !== text) node.textContent = text; }
export function label(node, text) { if (node.getAttribute('aria-label') !== text) node.setAttribute('aria-label', text); }
export function once(node, what, draw) {
  const key = JSON.stringify([page.language, what]);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  draw();
}

export function lost(text) {
  const line = document.getElementById('lost');
  set(line, text || '');
  line.hidden = !text;
}

// Whether it was done. A sandbox that was started anew has another secret, and needs the page afresh.
export async function post(body) {
  try {
    const headers = {'content-type': 'application/json', 'x-sandbox': secret};
    const answer = await fetch('page/act', {method: 'POST', headers, body: JSON.stringify(body)});
    if (answer.status === 403) location.reload();
    return answer.ok;
  } catch {
    lost(word('lost'));
    return null;  // said at the top of the page; the telephone need not say it too
  }
}
