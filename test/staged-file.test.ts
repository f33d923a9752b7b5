import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { Failure } from '../src/failure.ts'
import {
  checkWritable,
  keepAs,
  removeLeftovers,
  removeStagedFiles,
  replaceFile,
  stage,
  stageAll,
} from '../src/staged-file.ts'
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

  test('is written where a dangling link points', async () => {
    mkdirSync(at('disk'))
    symlinkSync('disk/w.json', at('link.json'))
    symlinkSync('link.json', at('link-to-link.json'))
    await checkWritable(at('link-to-link.json'))
    await write(at('link-to-link.json'), 'weights')
    expect(lstatSync(at('link.json')).isSymbolicLink()).toBe(true)
    expect(readFileSync(at('disk/w.json'), 'utf8')).toBe('weights')
    symlinkSync('none/w.json', at('lost.json'))
    await expect(checkWritable(at('lost.json'))).rejects.toThrow(/lost\.json: its folder does not exist$/)
  })

  test.each(['n'.repeat(250), 'n'.repeat(255), 'α'.repeat(127)])(
    'may have a name of 250 bytes or more: %s',
    async (name) => {
      await checkWritable(at(name))
      await write(at(name), 'one')
      await write(at(name), 'two')
      expect([readdirSync(folder), readFileSync(at(name), 'utf8')]).toEqual([[name], 'two'])
    },
  )

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

describe('of several files that are to appear together, if one cannot be renamed', () => {
  const staging = (name: string) => () => stage(at(name), (file) => file.writeFile('new'))
  const blockC = () => mkdirSync(at('c/below'), { recursive: true })

  test('the others are as they were', async () => {
    writeFileSync(at('a'), 'old')
    for (const wrap of [false, true]) {
      const files = ['a', 'b', 'c'].map(staging)
      const both = await stageAll(wrap ? files.map((file) => () => stageAll([file])) : files)
      blockC()
      await expect(both.commit()).rejects.toThrow(new Failure('io', `cannot write ${at('c')}: is a folder, not a file`))
      expect([readdirSync(folder), readFileSync(at('a'), 'utf8')]).toEqual([['a', 'c'], 'old'])
      rmSync(at('c'), { recursive: true })
    }
    const both = await stageAll(['a', 'b', 'c'].map(staging))
    await both.commit()
    expect(readdirSync(folder)).toEqual(['a', 'b', 'c'])
    expect(['a', 'b', 'c'].map((name) => readFileSync(at(name), 'utf8'))).toEqual(['new', 'new', 'new'])
  })

  test('nothing else happens in the process between their renames', async () => {
    for (const name of ['a', 'b']) writeFileSync(at(name), 'old')
    const both = await stageAll(['a', 'b'].map(staging))
    await both.keepOld()
    const committing = both.commit()
    for (let i = 0; i < 100; i++) await Promise.resolve() // without a turn of the event loop
    expect(['a', 'b'].map((name) => readFileSync(at(name), 'utf8'))).toEqual(['new', 'new'])
    await committing
    await both.discard()
  })

  test('says so if the others cannot be put back', async () => {
    writeFileSync(at('a'), 'old')
    const stuck = async () => {
      const file = await staging('a')()
      return { ...file, restore: async () => [at('a')] }
    }
    const both = await stageAll([stuck, staging('c')])
    blockC()
    const torn = `${at('a')} is new already and could not be put back: write them again together`
    await expect(both.commit()).rejects.toThrow(
      new Failure('io', `cannot write ${at('c')}: is a folder, not a file; ${torn}`),
    )
  })
})

describe('what a process leaves that dies', () => {
  /** The name of a staged file of this process, with another process id. */
  async function nameOf(target: string, pid: number | undefined) {
    const file = await stage(at(target), (handle) => handle.writeFile('half'))
    const [name = ''] = readdirSync(folder).filter((other) => other.startsWith(`.${target.slice(0, 200)}.`))
    await file.discard()
    expect(name).toContain(`.${process.pid}-`)
    return name.replace(`.${process.pid}-`, `.${pid}-`)
  }
  const dead = spawnSync('true').pid

  test('is removed when the file is staged again, and nothing else is', async () => {
    const long = 'n'.repeat(255)
    for (const target of ['w.json', long]) {
      const leftover = await nameOf(target, dead)
      const living = spawn('sleep', ['60'])
      const others = [
        leftover.replace(`.${dead}-`, `.${living.pid}-`),
        '.w.json.tmp',
        '.v.json.1-00000000.000000000000',
      ]
      for (const name of [leftover, ...others]) writeFileSync(at(name), 'half')
      await removeLeftovers(at(target))
      living.kill()
      expect(readdirSync(folder).toSorted()).toEqual(others.toSorted())
      others.forEach((name) => rmSync(at(name)))
    }
    const leftover = await nameOf('x.json', dead)
    writeFileSync(at(leftover), 'half')
    mkdirSync(at('below'))
    symlinkSync('../x.json', at('below/link.json'))
    await removeLeftovers(at('below/link.json'))
    expect(readdirSync(folder)).toEqual(['below'])
  })

  test('is removed by the first staging of a process', async () => {
    const target = `first-${Math.random()}.json`
    const leftover = (await nameOf('y.json', dead)).replace('y.json', target)
    writeFileSync(at(leftover), 'half')
    await write(at(target), 'whole')
    expect(readdirSync(folder)).toEqual([target])
  })

  test('on another host is removed only after a week', async () => {
    const leftover = (await nameOf('w.json', dead)).replace(/-[0-9a-f]{8}\./, '-00000000.')
    writeFileSync(at(leftover), 'half')
    await removeLeftovers(at('w.json'))
    expect(readdirSync(folder)).toEqual([leftover])
    const then = Date.now() / 1000 - 8 * 24 * 3600
    utimesSync(at(leftover), then, then)
    await removeLeftovers(at('w.json'))
    expect(readdirSync(folder)).toEqual([])
  })

  test('can be removed by itself, before it ends', async () => {
    const file = await stage(at('w.json'), (handle) => handle.writeFile('half'))
    removeStagedFiles()
    expect(readdirSync(folder)).toEqual([])
    await expect(file.commit()).rejects.toThrow(Failure)
  })
})

test('keepAs keeps a file under another name', async () => {
  writeFileSync(at('w.json'), 'first')
  await keepAs(at('w.json'), at('w.json~'))
  await write(at('w.json'), 'second')
  expect(readFileSync(at('w.json~'), 'utf8')).toBe('first')
  await keepAs(at('w.json'), at('w.json~'))
  await keepAs(at('w.json'), at('w.json~'))
  await write(at('w.json'), 'third')
  expect([readFileSync(at('w.json~'), 'utf8'), readdirSync(folder)]).toEqual(['second', ['w.json', 'w.json~']])
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

  test.each([
    ['new/', 'names a folder, not a file'],
    ['file/', 'names a folder, not a file'],
    ['file/w.json', 'its folder is a file'],
    ['read-only', 'is read-only; make it writable, or use another name'],
    ['n'.repeat(256), 'the name is too long'],
    ['loop', 'its symbolic links form a loop'],
  ])('refuses %s: %s', async (name, reason) => {
    writeFileSync(at('file'), '')
    writeFileSync(at('read-only'), '')
    chmodSync(at('read-only'), 0o444)
    symlinkSync('loop', at('loop'))
    const path = `${folder}/${name}`
    await expect(checkWritable(path)).rejects.toThrow(new Failure('cannotCreate', `cannot write ${path}: ${reason}`))
    expect(readdirSync(folder).toSorted()).toEqual(['file', 'loop', 'read-only'])
  })

  test("refuses another user's file in a sticky folder", async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'needs root, to be two users')
    chmodSync(root, 0o755)
    chmodSync(folder, 0o1777)
    writeFileSync(at('theirs'), '')
    chmodSync(at('theirs'), 0o666)
    writeFileSync(at('mine'), '')
    chownSync(at('mine'), 65534, 65534)
    process.seteuid?.(65534)
    const check = async (name: string) => checkWritable(at(name)).catch((error: Error) => error.message)
    const found = [await check('mine'), await check('theirs')]
    process.seteuid?.(0)
    const reason = 'belongs to another user, and its folder is sticky; use another name'
    expect(found).toEqual([undefined, `cannot write ${at('theirs')}: ${reason}`])
  })
})
