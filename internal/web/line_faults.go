package web

import (
	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/register"
)

// lineFault is what is wrong with a line of a table, in the language of the page.
type lineFault struct {
	Line int // 0 where the reader filled in a form and saw no lines
	Text string
}

// lineFaults says problems in a language.
func lineFaults(pr *i18n.Printer, problems []register.Problem) []lineFault {
	var out []lineFault
	for _, p := range problems {
		out = append(out, lineFault{p.Line, pr.T("line."+p.Reason.Fault().Key(), p.Reason.Args()...)})
	}
	return out
}

// ofForm takes the line from problems of the one row that a form was made into.
func ofForm(problems []register.Problem) []register.Problem {
	for i := range problems {
		problems[i].Line = 0
	}
	return problems
}
