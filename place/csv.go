package place

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Columns says which columns a table may have. The order is free.
type Columns struct {
	Required []string
	Optional []string
}

// Row is one good row of a table.
type Row struct {
	Line  int // the line on which the row begins
	cells map[string]string
}

// Get returns the cell of a column, trimmed and of one line; "" when the table
// has no such column.
func (r Row) Get(column string) string { return r.cells[column] }

// ReadCSV reads a table with a header. Unknown, missing and doubled columns are
// refused as a whole; a bad row is named and the good ones are kept.
func ReadCSV(r io.Reader, file string, columns Columns) ([]Row, []Problem) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	var problems []Problem
	fail := func(line int, reason *Reason) {
		problems = append(problems, Problem{File: file, Line: line, Reason: reason})
	}
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		fail(1, EmptyFile.On())
		return nil, problems
	}
	if err != nil {
		fail(lineOf(err), cause(err))
		return nil, problems
	}
	if reason := checkHeader(header, columns); reason != nil {
		fail(1, reason)
		return nil, problems
	}
	var rows []Row
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, problems
		}
		if err != nil {
			fail(lineOf(err), cause(err))
			if _, syntax := errors.AsType[*csv.ParseError](err); !syntax {
				return rows, problems // the reader itself failed: there is no next row
			}
			continue
		}
		line, _ := in.FieldPos(0)
		if reason := checkRecord(record, header); reason != nil {
			fail(line, reason)
			continue
		}
		row := Row{Line: line, cells: make(map[string]string, len(header))}
		for i, name := range header {
			row.cells[name] = record[i]
		}
		rows = append(rows, row)
	}
}

// checkHeader trims the header in place, a byte order mark included.
func checkHeader(header []string, columns Columns) *Reason {
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	seen := make(map[string]bool, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		header[i] = name
		if seen[name] {
			return ColumnTwice.On(name)
		}
		seen[name] = true
		if !slices.Contains(columns.Required, name) && !slices.Contains(columns.Optional, name) {
			return ColumnUnknown.On(name)
		}
	}
	for _, name := range columns.Required {
		if !seen[name] {
			return ColumnMissing.On(name)
		}
	}
	return nil
}

// lineBreaks and tabs within a cell are what a spreadsheet leaves of a wrapped
// name; a name is one line wherever it is shown.
var lineBreaks = regexp.MustCompile(`[\t\n\v\f\r]+`)

// checkRecord brings each cell to one line, in place.
func checkRecord(record, header []string) *Reason {
	if len(record) != len(header) {
		return CellsMissing.On(len(record), len(header))
	}
	for i, cell := range record {
		record[i] = strings.TrimSpace(lineBreaks.ReplaceAllString(cell, " "))
		if !utf8.ValidString(cell) || strings.ContainsFunc(record[i], unicode.IsControl) {
			return NotText.On(header[i])
		}
	}
	return nil
}

func lineOf(err error) int {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return max(bad.Line, 1)
	}
	return 1
}

// cause is what encoding/csv found, or why there was nothing more to read.
func cause(err error) *Reason {
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		return StrayQuote.On()
	case errors.Is(err, csv.ErrQuote):
		return OpenQuote.On()
	}
	return ReadFailed.On(err.Error())
}
