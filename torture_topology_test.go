package main

import "errors"

func topologyScenarios() []scenario { return nil }

func lacksTopology() error { return errors.New("no") }
