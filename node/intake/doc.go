// Package intake reads an organisation's export, row by row, and hands each mapped case
// on. It knows CSV, JSON, JSON lines and XLSX, within stated limits. Text is streamed: of
// a row nothing remains but 8 bytes. A workbook is unpacked in memory.
//
// A bad file changes nothing: Read calls back while it still reads, so the caller stages
// the cases and takes them only when Read has returned without an error.
//
// The package must not keep cases, write files (not even temporary ones) or reach any
// network. None of its errors holds a cell of the file, nor a name from its header that
// the mapping does not hold too.
package intake
