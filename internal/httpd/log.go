package httpd

import (
	"io"
	"log"
	"log/slog"
	"strings"
)

// NewLogger writes structured lines to w, scrubbed. Use it for the whole
// program.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(Redact(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})))
}

// routeName is what a request is called in logs and metrics: the pattern it
// matched. Never its path, which may hold a token or a search.
func routeName(pattern string) string {
	if pattern == "" {
		return "unmatched"
	}
	return pattern
}

// quiet reports whether a route is left out of the request log altogether:
// even the moment of a request there may say that somebody signed.
func quiet(pattern string) bool {
	if strings.Contains(pattern, "{token") {
		return true
	}
	for part := range strings.SplitSeq(pattern, "/") {
		switch part {
		case "sign", "sent", "confirm", "withdraw", "mine", "follow", "u", "p":
			return true
		}
	}
	return false
}

// errorLog is net/http's own log, which names peers: scrubbed, and no louder
// than a warning.
func errorLog(l *slog.Logger) *log.Logger {
	return slog.NewLogLogger(Redact(l.Handler()), slog.LevelWarn)
}
