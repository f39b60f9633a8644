// Ticks of every configuration on an adversarial corpus: to be timed here, or to have their
// instructions counted by callgrind (--toggle-collect=handloop_counted_tick).
//
//   handloop_tick_bench list                     names of the configurations
//   handloop_tick_bench count NAME [burden]      one pass; `burden` slows it deliberately
//   handloop_tick_bench time NAME [passes]       times as JSON

#include <gnu/libc-version.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <stdexcept>

#include "configurations.hpp"
#include "corpus.hpp"
#include "handloop/loop.hpp"
#include "reference.hpp"
#include "tick_check.hpp"

namespace handloop::bench {

volatile double sink;

// Work that nobody needs: the control that shows that a slower tick is noticed.
[[gnu::noinline]] void deliberate_burden(int rounds) {
  for (int i = 0; i < rounds; ++i) sink = sink + 1.0;
}

}  // namespace handloop::bench

// The only code whose instructions are counted.
extern "C" [[gnu::noinline]] const handloop::HandCommand& handloop_counted_tick(
    handloop::Controller& controller, const handloop::bench::Problem& problem, int burden) {
  if (burden > 0) handloop::bench::deliberate_burden(burden);
  return controller.tick(problem.sample, problem.now);
}

namespace handloop::bench {
namespace {

constexpr int kReferenceRuns = 1000;

class Bench {
 public:
  explicit Bench(const Configuration& c) : configuration_(c), corpus_(adversarial_corpus(c.hand)) {}

  const std::vector<Problem>& corpus() const { return corpus_; }

  // Hands `each` the index and the time [ns] of every tick, in order.
  template <typename Each>
  TickCheck pass(int burden, Each each) {
    Controller controller(configuration_.hand, configuration_.config);  // motors stay warm
    prepare(controller);
    TickCheck check(configuration_.config);
    for (std::size_t i = 0; i < corpus_.size(); ++i) {
      if (corpus_[i].reset) controller.reset();
      const std::int64_t begin = monotonic_ns();
      const HandCommand& command = handloop_counted_tick(controller, corpus_[i], burden);
      each(i, monotonic_ns() - begin);
      check.look(command, controller);
    }
    return check;
  }

 private:
  void prepare(Controller& controller) const {
    const int joints = configuration_.hand.joint_count;
    JointTrajectory t;
    t.add(0.0, JointVector::Zero(joints));
    t.add(1.0, JointVector::Constant(joints, 0.1));
    controller.set_trajectory(t);
    controller.set_plan(configuration_.plan);
  }

  const Configuration& configuration_;
  std::vector<Problem> corpus_;
};

// Nearest rank; [ns] in, [us] out.
double quantile(std::vector<std::int64_t> times, double fraction) {
  std::sort(times.begin(), times.end());
  const auto rank = static_cast<std::size_t>(fraction * static_cast<double>(times.size() - 1));
  return 1e-3 * static_cast<double>(times[rank]);
}

double reference_us() {
  ReferenceKernel kernel;
  std::vector<std::int64_t> times;
  for (int i = 0; i < kReferenceRuns; ++i) {
    const std::int64_t begin = monotonic_ns();
    sink = kernel.run();
    times.push_back(monotonic_ns() - begin);
  }
  return quantile(times, 0.5);
}

void print_worst_of_phases(const std::vector<Problem>& corpus,
                           const std::vector<std::int64_t>& best) {
  std::map<std::string_view, std::int64_t> worst;
  for (std::size_t i = 0; i < best.size(); ++i) {
    worst[corpus[i].phase] = std::max(worst[corpus[i].phase], best[i]);
  }
  const char* comma = "";
  for (const auto& [phase, time] : worst) {
    std::printf("%s\"%.*s\": %.3f", comma, static_cast<int>(phase.size()), phase.data(),
                1e-3 * static_cast<double>(time));
    comma = ", ";
  }
}

// The minimum over the passes strips what the machine did and keeps what the problem costs.
int time(const Configuration& configuration, int passes) {
  Bench bench(configuration);
  std::vector<std::int64_t> best(bench.corpus().size(), std::numeric_limits<std::int64_t>::max());
  const auto keep = [&best](std::size_t i, std::int64_t t) { best[i] = std::min(best[i], t); };
  const double reference = reference_us();
  const TickCheck first = bench.pass(0, keep);
  bool same = true;
  for (int i = 1; i < passes; ++i) same &= bench.pass(0, keep).digest() == first.digest();
  std::printf("{\"configuration\": \"%s\", \"problems\": %zu, \"passes\": %d,\n",
              configuration.name.c_str(), best.size(), passes);
  std::printf("\"p50\": %.3f, \"p99\": %.3f, \"worst\": %.3f, \"reference\": %.3f,\n",
              quantile(best, 0.5), quantile(best, 0.99), quantile(best, 1.0),
              std::min(reference, reference_us()));
  std::printf("\"same_bits\": %s, \"unsound\": %d, \"torque_excess\": %.3g,\n",
              same ? "true" : "false", first.unsound(), first.torque_excess());
  std::printf("\"solves\": %d, \"iterations_max\": %d, \"force_excess\": %.3g,\n", first.solves(),
              first.iterations_max(), first.force_excess());
  std::printf("\"worst_of_phase\": {");
  print_worst_of_phases(bench.corpus(), best);
  std::printf("}}\n");
  return same && first.sound() ? 0 : 1;
}

// What decides how many instructions the same source becomes, and which those of the C library are.
std::string toolchain() {
  return std::string(HANDLOOP_COMPILER) + ", glibc " + gnu_get_libc_version() + ", Eigen " +
         std::to_string(EIGEN_WORLD_VERSION) + '.' + std::to_string(EIGEN_MAJOR_VERSION) + '.' +
         std::to_string(EIGEN_MINOR_VERSION);
}

int count(const Configuration& configuration, int burden) {
  Bench bench(configuration);
  const TickCheck check = bench.pass(burden, [](std::size_t, std::int64_t) {});
  std::printf("{\"configuration\": \"%s\", \"ticks\": %zu, \"toolchain\": \"%s\"}\n",
              configuration.name.c_str(), bench.corpus().size(), toolchain().c_str());
  return check.sound() ? 0 : 1;
}

const Configuration& named(const std::vector<Configuration>& all, const char* name) {
  for (const Configuration& c : all) {
    if (c.name == name) return c;
  }
  throw std::invalid_argument(std::string("no configuration is called ") + name);
}

int run(int argc, char** argv) {
  const std::vector<Configuration> all = configurations();
  const std::string job = argc > 1 ? argv[1] : "";
  const int number = argc > 3 ? std::atoi(argv[3]) : 0;
  if (job == "list") {
    for (const Configuration& c : all) std::printf("%s\n", c.name.c_str());
    return 0;
  }
  if (job == "count" && argc > 2) return count(named(all, argv[2]), number);
  if (job == "time" && argc > 2) return time(named(all, argv[2]), number > 0 ? number : 3);
  throw std::invalid_argument("usage: list | count NAME [burden] | time NAME [passes]");
}

}  // namespace
}  // namespace handloop::bench

int main(int argc, char** argv) {
  try {
    return handloop::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
