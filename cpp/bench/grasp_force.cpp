// What a solve of the grasp forces costs: in a smooth run, from a cold start, out of reach.
//
// Of each problem the best of three passes counts, which leaves out what the machine does
// meanwhile; the worst of these is the problem's own. The compiler's options are those of the
// module: -O3 -DNDEBUG -std=c++20 -march=x86-64-v2 -ffp-contract=off -fno-math-errno.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "handloop/grasp_force.hpp"
#include "handloop/random.hpp"

namespace handloop {
namespace {

constexpr int kTicks = 2000;
constexpr double kPeriod = 0.001;  // [s]

Vec3 random_vector(Random& random) { return {random.normal(), random.normal(), random.normal()}; }

// Five fingers around a thing of 7 cm, a thumb against four: what they touch drifts, the load is
// noisy and steps by 2 N every half second.
std::vector<GraspProblem> drifting_grasp() {
  Random random(1);
  std::vector<GraspProblem> run;
  for (int tick = 0; tick < kTicks; ++tick) {
    const double time = kPeriod * tick;
    GraspProblem p;
    p.contact_count = 5;
    for (int i = 0; i < 5; ++i) {
      const double angle = (i == 0 ? 0.0 : 2.3 + 0.55 * (i - 1)) + 0.1 * std::sin(3.0 * time + i);
      GraspContact& c = p.contact[static_cast<std::size_t>(i)];
      c.normal =
          -Vec3(std::cos(angle), std::sin(angle), 0.1 * std::sin(2.0 * time + i)).normalized();
      c.position = -0.035 * c.normal + Vec3(0.0, 0.0, 0.01 * (i % 3 - 1));
      c.friction = 0.6;
      c.force_min = 0.3;
    }
    const double load = tick / 500 % 2 == 0 ? 4.0 : 6.0;
    p.wrench.head<3>() = load * Vec3::UnitZ() + 0.05 * random_vector(random);
    p.wrench.tail<3>() = 0.001 * random_vector(random);
    run.push_back(p);
  }
  return run;
}

void limit_torques(GraspProblem& p) {
  for (GraspContact& c : p.contact) {
    c.row_count = 4;
    const Vec3 sideways = c.normal.cross(Vec3::UnitZ());
    c.row[0] = {0.02 * Vec3::UnitZ(), -0.5, 0.5};
    c.row[1] = {0.06 * c.normal + 0.01 * Vec3::UnitZ(), -0.5, 0.5};
    c.row[2] = {0.04 * c.normal + 0.02 * sideways, -0.5, 0.5};
    c.row[3] = {0.02 * c.normal, -0.5, 0.5};
  }
  p.contact[0].row[0].high = 0.05;
  p.contact[0].row[1].high = 0.42;
}

struct Cost {
  std::vector<double> time = std::vector<double>(kTicks, 1e9);  // [us]
  std::vector<int> iterations = std::vector<int>(kTicks);
  int solved = 0;
};

Cost measure(const std::vector<GraspProblem>& run, bool warm) {
  using Clock = std::chrono::steady_clock;
  Cost cost;
  for (int pass = 0; pass < 3; ++pass) {
    GraspForceSolver solver({});
    cost.solved = 0;
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (!warm) solver.reset();
      const auto start = Clock::now();
      const GraspForceResult r = solver.solve(run[i]);
      const std::chrono::duration<double, std::micro> took = Clock::now() - start;
      cost.time[i] = std::min(cost.time[i], took.count());
      cost.iterations[i] = r.iterations;
      cost.solved += r.status == GraspForceStatus::kSolved;
    }
  }
  return cost;
}

void report(const char* name, Cost cost) {
  std::sort(cost.time.begin(), cost.time.end());
  std::sort(cost.iterations.begin(), cost.iterations.end());
  const auto at = [](const auto& v, double part) {
    return v[static_cast<std::size_t>(part * static_cast<double>(v.size() - 1))];
  };
  std::printf("%-13s %4d of %d met  p50 %5.2f p99 %5.2f max %5.2f us  steps %d / %d / %d\n", name,
              cost.solved, kTicks, at(cost.time, 0.5), at(cost.time, 0.99), cost.time.back(),
              at(cost.iterations, 0.5), at(cost.iterations, 0.99), cost.iterations.back());
}

}  // namespace
}  // namespace handloop

int main() {
  using namespace handloop;
  const std::vector<GraspProblem> run = drifting_grasp();
  report("warm", measure(run, true));
  report("cold", measure(run, false));
  std::vector<GraspProblem> weak = run, tired = run;
  for (GraspProblem& p : weak) {
    for (GraspContact& c : p.contact) c.force_max = 1.0;
  }
  report("out of reach", measure(weak, true));
  // Four joints for each finger; the thumb has not much left, so that its limits bind.
  for (GraspProblem& p : tired) limit_torques(p);
  report("torque limits", measure(tired, true));
}
