import { describe, expect, test } from 'vitest'
import { chart, sparkline } from '../../src/terminal/chart.ts'

describe('a curve', () => {
  const line = [0, 1].map((x) => ({ x, y: x }))

  test('rises through all eight heights, between its points too, and ends with them', () => {
    expect(sparkline(line, 8)).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline([line[0], { x: 0.5, y: 0.5 }], 8)).toBe('▁▂▃▄')
    expect(sparkline([], 8)).toBe('')
  })

  test('has numbers at the ends of its axes', () => {
    const lines = chart(line, ['0.1', '0.25'], ['0', '99']).split('\n')
    expect(lines).toHaveLength(10)
    expect(lines[0]).toMatch(/^0\.25 ┤ {52}[▁-█]{8}$/)
    expect(lines[7]).toMatch(/^ 0\.1 ┤▁[▁-█]{59}$/)
    expect(lines[9]).toBe(`      0${' '.repeat(57)}99`)
  })

  test('is narrower if there are fewer columns', () => {
    const lines = chart(line, ['0.1', '0.25'], ['0', '99'], 40).split('\n')
    expect(Math.max(...lines.map((text) => text.length))).toBe(40)
    expect(lines[9]).toBe(`      0${' '.repeat(31)}99`)
  })
})
