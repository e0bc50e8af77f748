import SelatSimulator

// What `selat simulate` prints per seed, from a program small enough to be built for debugging in
// CI: FIRST SEEDS PAYMENTS. `.ci/determinism` compares the two.
let numbers = CommandLine.arguments.dropFirst().compactMap(UInt64.init)
guard numbers.count == 3 else { fatalError("usage: simulation-lines FIRST SEEDS PAYMENTS") }
for offset in 0..<numbers[1] {
    let plan = SimulationPlan(seed: numbers[0] &+ offset, payments: Int(numbers[2]))
    print(Simulation.run(plan).line)
}
