/** Elements of the page, which the command wrote. */

/**
 * The element with an id.
 * @throws Error if there is none: the script and the page are not of one version
 */
export function byId<Type extends HTMLElement = HTMLElement>(id: string): Type {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no element #${id}`)
  return found as Type
}

/** All elements in another that match a selector. */
export function all<Type extends Element = HTMLElement>(selector: string, within: ParentNode = document): Type[] {
  return [...within.querySelectorAll<Type>(selector)]
}

/** Makes one of some buttons the pressed one, or none. */
export function press(buttons: HTMLElement[], pressed: HTMLElement | undefined): void {
  for (const button of buttons) button.setAttribute('aria-pressed', String(button === pressed))
}
