package main

// Harm to a whole country: Patroni, etcd, pgbouncer and two servers, each in a
// network namespace of its own. scripts/topology.sh starts them and runs the
// test inside, where all of them are reached.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func topologyScenarios() []scenario {
	list := []scenario{
		{name: "patroni-leader", what: "kill -9 of everything on the primary's machine; Patroni promotes the synchronous standby, pgbouncer in between", play: func(t *testing.T, binary string, times int) result {
			return harmNode(t, binary, times, "leader", "kill", "start")
		}},
		{name: "patroni-cut", what: "the primary's cable is unplugged; Patroni promotes the synchronous standby", play: func(t *testing.T, binary string, times int) result {
			return harmNode(t, binary, times, "leader", "cut", "heal")
		}},
		{name: "patroni-standby", what: "kill -9 of everything on the standby's machine", play: func(t *testing.T, binary string, times int) result {
			return harmNode(t, binary, times, "sync_standby", "kill", "start")
		}},
	}
	for i := range list {
		list[i].needs = "topology"
	}
	return list
}

const topologyEnv = "DAUYS_TEST_TOPOLOGY"

func lacksTopology() error {
	if os.Getenv(topologyEnv) == "" {
		return fmt.Errorf("the topology %w: scripts/topology.sh run make torture", errMissing)
	}
	return nil
}

// topology runs the script on the topology that is up.
func topology(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("scripts/topology.sh", args...)
	cmd.Env = append(os.Environ(), "TOPOLOGY_DIR="+os.Getenv(topologyEnv))
	// What it starts outlives it and must not hold a pipe of ours.
	log, err := os.CreateTemp(t.TempDir(), "topology")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		b, _ := os.ReadFile(log.Name())
		t.Fatalf("topology.sh %v: %v\n%s", args, err, b)
	}
}

// node is the database machine that has a role now, "" for none.
func node(role string) string {
	for _, host := range []string{"10.77.0.21", "10.77.0.22"} {
		res, err := (&http.Client{Timeout: 2 * time.Second}).Get("http://" + host + ":8008/cluster")
		if err != nil {
			continue
		}
		var c struct {
			Members []struct{ Name, Role, State string }
		}
		err = json.NewDecoder(res.Body).Decode(&c)
		res.Body.Close()
		if err != nil {
			continue
		}
		for _, m := range c.Members {
			if m.Role == role && (m.State == "running" || m.State == "streaming") {
				return m.Name
			}
		}
	}
	return ""
}

func awaitRole(t *testing.T, role string) string {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if n := node(role); n != "" {
			return n
		}
	}
	t.Fatalf("no %s within two minutes", role)
	return ""
}

// newCountry starts two servers on their own machines. Limits are on, as they
// must be off a loopback address, so each person comes from elsewhere.
func newCountry(t *testing.T, binary string) *ordeal {
	t.Helper()
	dir := os.Getenv(topologyEnv)
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(b))
	}
	emptyDatabase(t, read("direct"))
	i := 0
	return newOrdeal(t, binary, read("database"), 2, func(s *site) {
		i++
		wrapper := filepath.Join(t.TempDir(), fmt.Sprint("a", i))
		script := fmt.Sprintf("#!/bin/sh\nexec ip netns exec %s-a%d %s \"$@\"\n", read("id"), i, binary)
		if err := os.WriteFile(wrapper, []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		s.binary, s.addr = wrapper, fmt.Sprintf("10.77.0.%d:8080", 30+i)
		s.env = append(s.env, "DAUYS_ADDR="+s.addr, "DAUYS_LIMITS=on", "DAUYS_URL=http://10.77.0.31:8080",
			"DAUYS_LISTEN="+read("direct"), "DAUYS_TRUSTED_PROXIES=10.77.0.0/24")
		s.client.Transport = elsewhere{http.DefaultTransport}
	})
}

// emptyDatabase takes away what an earlier scenario left: its people were told
// 'counted' too, and are in nobody's book now.
func emptyDatabase(t *testing.T, address string) {
	t.Helper()
	bin, err := postgresBin()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(bin, "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", address,
		"-c", "DROP SCHEMA public CASCADE", "-c", "CREATE SCHEMA public").CombinedOutput()
	if err != nil {
		t.Fatalf("the database is not emptied: %v\n%s", err, out)
	}
}

// elsewhere is a balancer's word on where a request comes from: another
// network for each form or link.
type elsewhere struct{ next http.RoundTripper }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	h := fnv.New32a()
	h.Write([]byte(r.URL.Path))
	if r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			var b bytes.Buffer
			_, _ = b.ReadFrom(body)
			h.Write(b.Bytes())
		}
	}
	n := h.Sum32()
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&255, n&255|1))
	return e.next.RoundTrip(r)
}

// harmNode does harm to the machine that has a role, waits until people are
// counted again, and puts it right before the next time.
func harmNode(t *testing.T, binary string, times int, role, harm, right string) result {
	times = min(times, 3)
	awaitRole(t, "sync_standby")
	o := newCountry(t, binary)
	o.begin(nil, "petition")
	for range times {
		awaitRole(t, "sync_standby")
		time.Sleep(2 * time.Second)
		victim := awaitRole(t, role)
		topology(t, harm, victim)
		o.harm(time.Now().Add(onItsWay), 2*time.Minute)
		topology(t, right, victim)
	}
	awaitRole(t, "sync_standby")
	return o.finish()
}
