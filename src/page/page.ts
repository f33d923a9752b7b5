/** The script of the page that mnist-report writes: reads the data in the page, and brings its sections to life. */
import { startCurves } from './curves.ts'
import { byId } from './element.ts'
import { startMistakes } from './mistakes.ts'
import { startPad } from './pad.ts'
import { paramsOf } from './reading.ts'
import type { ReportData } from './report-data.ts'
import { startTables } from './sortable.ts'
import { startUnits } from './units.ts'

const data = JSON.parse(byId('data').textContent) as ReportData
const params = paramsOf(data)
startTables()
startCurves(data.runs)
startUnits(params, data.change)
const pad = startPad(params, data.samples)
startMistakes(data.mistakes, pad.show)
