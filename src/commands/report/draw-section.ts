/** The pad and the lesson, which the page's script brings to life. */
import { html, type Markup } from '../../page/html.ts'
import type { ShownRun } from './document.ts'

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

export function drawSection({ weights: { params } }: ShownRun): Markup {
  const hidden = params.W1.shape[0]
  return html`<h2 id="draw-title">Draw a digit</h2>
    <p>
      Draw with mouse, finger or pen. Your strokes are prepared as MNIST’s digits were, and the lines of
      <code>src/network.ts</code> compute what the network makes of them.
    </p>
    <div class="desk">
      <div class="easel">
        <canvas
          id="pad"
          width="560"
          height="560"
          role="img"
          aria-label="Drawing pad. With the keyboard, choose a sample digit below."
        ></canvas>
        <div class="tools">
          <button type="button" id="undo" disabled>Undo</button>
          <button type="button" id="clear">Clear</button>
          <button type="button" id="save">Save PNG</button>
          <label
            >Pen
            <input
              type="range"
              id="pen"
              min="3"
              max="14"
              step="0.5"
              value="8"
              aria-label="Pen width in percent of the pad"
          /></label>
        </div>
        <div class="samples" id="samples" role="group" aria-label="Sample digits"></div>
      </div>
      <div class="answer">
        <p class="verdict" id="verdict"></p>
        <p class="hidden" id="spoken" aria-live="polite"></p>
        <table class="bars" aria-label="Probabilities">
          <tbody id="probabilities">
            ${DIGITS.map(
              (digit) =>
                html`<tr>
                  <th scope="row">${digit}</th>
                  <td class="track"><div class="bar"></div></td>
                  <td class="number"></td>
                </tr>`,
            )}
          </tbody>
        </table>
        <p class="notice" id="warning" hidden></p>
      </div>
      <div class="views">
        <figure>
          <canvas
            class="pixels"
            id="seen"
            width="28"
            height="28"
            role="img"
            aria-label="What the network sees: 28×28 pixels"
          ></canvas>
          <figcaption>What the network sees</figcaption>
        </figure>
        <figure>
          <canvas
            class="pixels"
            id="evidence"
            width="28"
            height="28"
            role="img"
            aria-label="Which pixels spoke for and against the prediction"
          ></canvas>
          <figcaption id="evidence-caption"></figcaption>
        </figure>
      </div>
      <div class="activity">
        <h3>Hidden units${hidden > 24 ? ', the 24 most active' : ''}</h3>
        <table class="bars" aria-label="Activity of the hidden units, A1">
          <tbody id="activity"></tbody>
        </table>
      </div>
    </div>`
}

export function lessonSection(): Markup {
  return html`<h2 id="lesson-title">The lesson in motion</h2>
    <p>
      Forward propagation of this digit, number by number: x holds its 784 pixels, each divided by 255. Draw above, and
      the numbers follow. Choose an output to see its sum written out.
    </p>
    <div class="layers">
      ${layer('Z1', 'Z1 = W1·X + b1', 'const Z1 = add(dot(W1, X), b1)', 'The pixels, weighted and summed for each hidden unit.')}
      ${layer('A1', 'A1 = ReLU(Z1)', 'const A1 = relu(Z1)', 'Negative sums become 0: those units stay silent.')}
      ${layer('Z2', 'Z2 = W2·A1 + b2', 'const Z2 = add(dot(W2, A1), b2)', 'The units, weighted and summed for each digit.')}
      ${layer('A2', 'A2 = softmax(Z2)', 'const A2 = softmax(Z2)', 'exp of each, divided by their sum: ten probabilities.')}
    </div>
    <div class="sums">
      <h3 id="sum-title">One sum written out</h3>
      <div class="choices" id="choices" role="group" aria-label="Output">
        ${DIGITS.map((digit) => html`<button type="button" aria-pressed="false" data-output="${digit}">${digit}</button>`)}
      </div>
      <div id="sum" class="scroll" tabindex="0" role="region" aria-labelledby="sum-title"></div>
    </div>`
}

function layer(id: string, formula: string, code: string, about: string): Markup {
  return html`<div class="layer">
    <h3>${formula}</h3>
    <code>${code}</code>
    <p class="muted">${about}</p>
    <div class="numbers" tabindex="0" role="region" aria-label="${id}">
      <table>
        <tbody id="${id}"></tbody>
      </table>
    </div>
  </div>`
}
