/** Finds and makes the elements of a page. */

/**
 * The element with this id. A page without it, or with one of another kind, has a mistake, which is told at once.
 * @overload
 * @param {string} id
 * @returns {HTMLElement}
 */
/**
 * @template {HTMLElement} E
 * @overload
 * @param {string} id
 * @param {new () => E} kind
 * @returns {E}
 */
/**
 * @param {string} id
 * @param {new () => HTMLElement} [kind]
 * @returns {HTMLElement}
 */
export function element(id, kind = HTMLElement) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`there is no ${kind.name} with the id ${id}`);
}

/**
 * A new element with these properties (not attributes) and children.
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Partial<HTMLElementTagNameMap[N]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function create(name, properties = {}, ...children) {
  const created = Object.assign(document.createElement(name), properties);
  created.append(...children);
  return created;
}

/**
 * The elements of a kind that a selector finds.
 * @template {Element} E
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E[]}
 */
export function elements(selector, kind) {
  /** @type {E[]} */
  const ofKind = [];
  for (const found of document.querySelectorAll(selector)) if (found instanceof kind) ofKind.push(found);
  return ofKind;
}
