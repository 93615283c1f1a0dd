package staff

import (
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B, for HMAC-SHA-1.
func TestCodeIsThatOfTheRFC(t *testing.T) {
	secret := []byte("12345678901234567890")
	for _, v := range []struct {
		at   int64
		want string
	}{{59, "94287082"}, {1111111109, "07081804"}, {1111111111, "14050471"}, {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}} {
		if got := code(secret, v.at/codeStep, 8); got != v.want {
			t.Errorf("at %d: %s, want %s", v.at, got, v.want)
		}
	}
	if got := Code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", time.Unix(59, 0)); got != "287082" {
		t.Errorf("six digits: %s", got)
	}
	if got := Code("not base32!", time.Unix(59, 0)); got != "" {
		t.Errorf("no secret: %s", got)
	}
}
