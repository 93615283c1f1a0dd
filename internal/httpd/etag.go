package httpd

import "strings"

// noneMatch evaluates If-None-Match (RFC 9110, 13.1.2) with the weak
// comparison: true when the client already has what tag names. A malformed
// list ends where it stops making sense.
func noneMatch(values []string, tag string) bool {
	tag = strings.TrimPrefix(tag, "W/")
	for _, v := range values {
		if v == tag {
			return true
		}
		for {
			v = strings.Trim(v, " \t,")
			if v == "" {
				break
			}
			if v == "*" {
				return true
			}
			rest := strings.TrimPrefix(v, "W/")
			if rest[:min(1, len(rest))] != `"` {
				break
			}
			end := strings.IndexByte(rest[1:], '"')
			if end < 0 {
				break
			}
			if rest[:end+2] == tag {
				return true
			}
			v = rest[end+2:]
		}
	}
	return false
}
