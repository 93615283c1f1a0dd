package place

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Problem is one fault of a file that people write.
type Problem struct {
	File   string
	Line   int // 1 for the first line
	Reason string
}

// Error is "file:line: reason".
func (p Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason) }

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

// Get returns the trimmed cell of a column, "" when the table has no such column.
func (r Row) Get(column string) string { return r.cells[column] }

// ReadCSV reads a table with a header. Unknown, missing and doubled columns are
// refused as a whole; a bad row is named and the good ones are kept.
func ReadCSV(r io.Reader, file string, columns Columns) ([]Row, []Problem) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	var problems []Problem
	fail := func(line int, format string, args ...any) {
		problems = append(problems, Problem{File: file, Line: line, Reason: fmt.Sprintf(format, args...)})
	}
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		fail(1, "empty: want a header")
		return nil, problems
	}
	if err != nil {
		fail(lineOf(err), "header: %v", cause(err))
		return nil, problems
	}
	if reason := checkHeader(header, columns); reason != "" {
		fail(1, "header: %s", reason)
		return nil, problems
	}
	var rows []Row
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, problems
		}
		if err != nil {
			fail(lineOf(err), "%v", cause(err))
			if _, syntax := errors.AsType[*csv.ParseError](err); !syntax {
				return rows, problems // the reader itself failed: there is no next row
			}
			continue
		}
		line, _ := in.FieldPos(0)
		if reason := checkRecord(record, header); reason != "" {
			fail(line, "%s", reason)
			continue
		}
		row := Row{Line: line, cells: make(map[string]string, len(header))}
		for i, name := range header {
			row.cells[name] = strings.TrimSpace(record[i])
		}
		rows = append(rows, row)
	}
}

// checkHeader trims the header in place, a byte order mark included.
func checkHeader(header []string, columns Columns) string {
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	seen := make(map[string]bool, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		header[i] = name
		if seen[name] {
			return fmt.Sprintf("column %q twice", name)
		}
		seen[name] = true
		if !slices.Contains(columns.Required, name) && !slices.Contains(columns.Optional, name) {
			return fmt.Sprintf("unknown column %q", name)
		}
	}
	for _, name := range columns.Required {
		if !seen[name] {
			return fmt.Sprintf("column %q is missing", name)
		}
	}
	return ""
}

func checkRecord(record, header []string) string {
	if len(record) != len(header) {
		return fmt.Sprintf("%d columns, the header has %d", len(record), len(header))
	}
	for i, cell := range record {
		if !utf8.ValidString(cell) || strings.ContainsRune(cell, 0) {
			return header[i] + ": not valid UTF-8 text"
		}
	}
	return ""
}

func lineOf(err error) int {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return max(bad.Line, 1)
	}
	return 1
}

// cause drops the position that encoding/csv puts before its own message.
func cause(err error) error {
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return bad.Err
	}
	return err
}
