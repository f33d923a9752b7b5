import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { Failure } from '../src/failure.ts'
import { checkWritable, replaceFile, stage, stageAll } from '../src/staged-file.ts'
import { newFolder } from './support/folder.ts'

const root = newFolder()
let folder: string
let count = 0
beforeEach(() => mkdirSync((folder = join(root, String(count++)))))
const at = (name: string) => join(folder, name)
const write = (path: string, text: string) => replaceFile(path, (file) => file.writeFile(text))

describe('a file', () => {
  test('is replaced without leaving anything beside it, through a link too', async () => {
    await write(at('a.txt'), 'one')
    symlinkSync('a.txt', at('link.txt'))
    await write(at('link.txt'), 'two')
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('two')
    expect(readdirSync(folder, { withFileTypes: true }).map((entry) => [entry.name, entry.isFile()])).toEqual([
      ['a.txt', true],
      ['link.txt', false],
    ])
  })

  test('keeps its permissions', async () => {
    writeFileSync(at('a.txt'), 'one')
    chmodSync(at('a.txt'), 0o640)
    await write(at('a.txt'), 'two')
    expect(statSync(at('a.txt')).mode & 0o777).toBe(0o640)
  })

  test('stays as it is until it is committed, or if it is discarded', async () => {
    await write(at('a.txt'), 'one')
    const discarded = await stage(at('a.txt'), (file) => file.writeFile('two'))
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('one')
    await discarded.discard()
    expect(readdirSync(folder)).toEqual(['a.txt'])
    const committed = await stage(at('a.txt'), (file) => file.writeFile('three'))
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('one')
    await committed.commit()
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('three')
  })

  test('stays as it is if writing fails', async () => {
    await write(at('a.txt'), 'one')
    const failing = replaceFile(at('a.txt'), async (file) => {
      await file.writeFile('half')
      throw new Error('no more')
    })
    await expect(failing).rejects.toThrow(new Error('no more'))
    expect(readFileSync(at('a.txt'), 'utf8')).toBe('one')
    expect(readdirSync(folder)).toEqual(['a.txt'])
  })
})

test('of several files, none appears if one cannot be written', async () => {
  const staged = stageAll([
    () => stage(at('a.txt'), (file) => file.writeFile('a')),
    () => stage(at('none/b.txt'), (file) => file.writeFile('b')),
  ])
  await expect(staged).rejects.toThrow(new Failure('io', `cannot write ${at('none/b.txt')}: its folder does not exist`))
  expect(readdirSync(folder)).toEqual([])
})

describe('checkWritable', () => {
  test('leaves everything as it was', async () => {
    writeFileSync(at('old.txt'), 'old')
    await checkWritable(at('old.txt'))
    await checkWritable(at('new.txt'))
    expect(readdirSync(folder)).toEqual(['old.txt'])
    expect(readFileSync(at('old.txt'), 'utf8')).toBe('old')
  })

  test('refuses a folder, and a file whose folder does not exist', async () => {
    const refusal = (path: string, reason: string) => new Failure('cannotCreate', `cannot write ${path}: ${reason}`)
    await expect(checkWritable(folder)).rejects.toThrow(refusal(folder, 'is a folder, not a file'))
    const path = at('none/w.json')
    await expect(checkWritable(path)).rejects.toThrow(refusal(path, 'its folder does not exist'))
  })
})
