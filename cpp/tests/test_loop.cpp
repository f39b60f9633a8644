#include "handloop/loop.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "support.hpp"

namespace handloop::testing::loop {
namespace {

// A hand that stays where it is, on the clock of the machine or one of its own.
class FakePlant final : public Plant {
 public:
  explicit FakePlant(bool on_wall_clock) : on_wall_clock_(on_wall_clock) {}

  void check_ready() const override {
    if (!ready) throw std::runtime_error("not ready");
  }
  double now() const override {
    return on_wall_clock_ ? 1e-9 * static_cast<double>(monotonic_ns()) : kPeriod * steps_;
  }
  void read(HandState& state) override {
    state = still(2, now());
    // Away from the reference, so that it takes torque; never quite at rest, as readings are.
    const double shake = 1e-12 * (reads % 2);
    state.q = joints({0.5 + shake, -0.5 - shake});
    ++reads;
  }
  void write(const HandCommand& command) override { last = command; }
  bool stay() override { return stays; }
  void let_go() override { ++let_gos; }
  bool advance() override {
    if (steps_ == 0) std::this_thread::sleep_for(first_step);
    for (const std::int64_t end = thread_ns() + work.count(); thread_ns() < end;) {
    }
    return ++steps_ != last_step;
  }

  bool ready = true, stays = false;
  int last_step = -1;                       // at which it can no longer go on
  std::chrono::milliseconds first_step{0};  // how long it takes
  std::chrono::nanoseconds work{0};         // that every step takes of the processor
  std::atomic<int> reads{0}, let_gos{0};
  HandCommand last;

 private:
  bool on_wall_clock_;
  int steps_ = 0;
};

struct Bench {
  explicit Bench(bool on_wall_clock) : plant(on_wall_clock) {
    JointTrajectory t;
    t.add(0.0, joints({0.0, 0.0}));
    controller.set_trajectory(t);
  }
  void wait_for_ticks(std::uint64_t ticks) const {
    while (loop.status().ticks < ticks && loop.running()) std::this_thread::yield();
  }
  void expect_limp() const {
    CHECK(plant.last.torque.norm() == 0.0);
    CHECK(controller.safety().state() == SafetyState::kStopped);
    CHECK(loop.status().safety == SafetyState::kStopped);
    CHECK(loop.status().torque[0] == 0.0);
  }

  FakePlant plant;
  Controller controller{pinch_hand(), config_for(pinch_hand())};
  Loop loop{plant, controller};
};

TEST_CASE("lockstep does the ticks asked for on the plant's clock") {
  Bench bench(false);
  CHECK(bench.loop.run_lockstep(250) == 250);
  CHECK(bench.plant.reads == 250);
  const LoopStatus status = bench.loop.status();
  CHECK(status.ticks == 250);
  CHECK(status.missed == 0);
  CHECK(status.time == doctest::Approx(0.249));
  CHECK(status.joint_count == 2);
  CHECK(status.q[1] == doctest::Approx(-0.5));
  CHECK(status.torque[0] == bench.plant.last.torque[0]);
  CHECK(status.torque[0] == -8.0);
  CHECK(bench.loop.duration().count() == 250);
  CHECK(bench.loop.run_lockstep(10) == 10);
  CHECK(bench.plant.now() == doctest::Approx(0.26));
}

TEST_CASE("lockstep ends where the plant does") {
  Bench bench(false);
  bench.plant.last_step = 7;
  CHECK(bench.loop.run_lockstep(100) == 6);
}

TEST_CASE("on the wall clock stop() ends with zero torque, and the status can be read meanwhile") {
  Bench bench(true);
  bench.loop.start(0, false);
  CHECK(bench.loop.running());
  bench.wait_for_ticks(5);
  const LoopStatus during = bench.loop.status();
  CHECK(during.ticks >= 5);
  CHECK(during.safety == SafetyState::kOk);
  CHECK(during.torque[0] == -8.0);
  bench.loop.stop();
  CHECK_FALSE(bench.loop.running());
  CHECK(bench.loop.status().ticks >= during.ticks);
  CHECK(bench.loop.lateness().count() == bench.loop.status().ticks);
  bench.expect_limp();
  bench.loop.stop();  // twice does no harm
  CHECK(bench.loop.realtime_message() == "real-time scheduling not asked for");
}

TEST_CASE("a plant that takes its time is not taken for a slow law") {
  Bench bench(true);
  bench.plant.work = std::chrono::milliseconds(3);
  bench.loop.start(20, false);
  bench.wait_for_ticks(20);
  bench.loop.stop();
  CHECK(bench.controller.safety().fault() == Fault::kStopRequested);
}

TEST_CASE("an emergency stop counts whenever it comes") {
  for (const bool on_wall_clock : {false, true}) {
    Bench bench(on_wall_clock);
    bench.loop.emergency_stop();
    if (on_wall_clock) {
      bench.loop.start(20, false);
      bench.wait_for_ticks(1);
      bench.loop.stop();
    } else {
      bench.loop.run_lockstep(3);
    }
    CHECK(bench.controller.safety().fault() == Fault::kEmergencyStop);
    CHECK(bench.plant.last.torque.norm() == 0.0);
    bench.controller.reset();  // and once it is reset it has been heard
    bench.loop.run_lockstep(3);
    CHECK(bench.controller.safety().state() == SafetyState::kOk);
  }
}

TEST_CASE("a loop that ends by itself leaves no torque behind either") {
  Bench bench(true);
  bench.loop.start(20, false);
  while (bench.loop.running()) std::this_thread::yield();
  CHECK(bench.loop.status().ticks == 20);
  bench.expect_limp();

  Bench broken(true);
  broken.plant.last_step = 4;
  broken.loop.start(0, false);
  while (broken.loop.running()) std::this_thread::yield();
  CHECK(broken.loop.status().ticks == 4);
  broken.expect_limp();
}

TEST_CASE("a stopped loop starts again once its controller is reset") {
  Bench bench(true);
  bench.loop.start(3, false);
  while (bench.loop.running()) std::this_thread::yield();
  bench.loop.stop();
  bench.controller.reset();
  bench.loop.start(0, true);
  bench.wait_for_ticks(3);
  CHECK(bench.loop.status().safety == SafetyState::kOk);
  CHECK(bench.loop.realtime_message().find("memory") == 0);
  CHECK(bench.loop.realtime_message().find("SCHED_FIFO") != std::string::npos);
  bench.loop.stop();
  bench.expect_limp();
}

TEST_CASE("deadlines that passed are counted and skipped") {
  FakePlant plant(true);
  plant.first_step = std::chrono::milliseconds(350);
  ControllerConfig config = config_for(pinch_hand());
  config.period = 0.1;
  Controller controller(pinch_hand(), config);
  Loop loop(plant, controller);
  loop.start(2, false);
  while (loop.running()) std::this_thread::yield();
  CHECK(loop.status().ticks == 2);
  CHECK(loop.status().missed == 3);  // it was 2.5 periods late for its next tick
}

TEST_CASE("a period that is too short for a clock is refused") {
  FakePlant plant(true);
  for (const double period : {0.9e-6, 0.0, kNan}) {
    ControllerConfig config = config_for(pinch_hand());
    config.period = period;
    Controller controller(pinch_hand(), config);
    CHECK_THROWS_AS((Loop{plant, controller}), std::invalid_argument);
  }
}

TEST_CASE("what a loop drives is its own until it is joined") {
  const char* taken = "the controller is driven by a running loop; stop() the loop first";
  Bench bench(true);
  FakePlant other_plant(true);
  Loop other(other_plant, bench.controller);
  bench.loop.start(0, false);
  const auto claim = [&] { const Claim mine(bench.controller, Claim::By::kCaller); };
  CHECK_THROWS_WITH(claim(), taken);
  CHECK_THROWS_WITH(other.start(0, false), taken);
  CHECK_THROWS_WITH(other.run_lockstep(1), taken);
  CHECK_THROWS_AS(bench.loop.start(0, false), std::runtime_error);
  CHECK_THROWS_AS(bench.loop.run_lockstep(1), std::runtime_error);
  CHECK(bench.loop.running());  // as if nothing had happened
  bench.loop.stop();
  claim();
  {
    const Claim plant(other_plant, Claim::By::kCaller);
  }  // not left behind by the refusals

  const Claim mine(bench.controller, Claim::By::kCaller);
  CHECK_THROWS_WITH(bench.loop.start(0, false),
                    "the controller is in use by another thread; wait until that is done");
  CHECK_FALSE(bench.loop.running());
}

TEST_CASE("the black box is closed while the loop runs, on either clock") {
  Bench bench(false);
  bench.plant.first_step = std::chrono::milliseconds(200);
  std::thread lockstep([&bench] { bench.loop.run_lockstep(2); });
  while (bench.plant.reads == 0) std::this_thread::yield();
  CHECK_THROWS_AS(bench.loop.black_box(), std::runtime_error);
  lockstep.join();
  CHECK(bench.loop.black_box().rows().size() == 2 * bench.loop.black_box().width());
}

TEST_CASE("a plant that is not ready is not driven") {
  Bench bench(true);
  bench.plant.ready = false;
  CHECK_THROWS_WITH(bench.loop.run_lockstep(1), "not ready");
  CHECK_THROWS_WITH(bench.loop.start(1, false), "not ready");
  CHECK_FALSE(bench.loop.running());
  bench.plant.ready = true;  // and nothing is left behind by the refusals
  CHECK(bench.loop.run_lockstep(1) == 1);
}

TEST_CASE("a loop that ended by itself holds what it drove until stop()") {
  Bench bench(true);
  bench.loop.start(3, false);
  while (bench.loop.running()) std::this_thread::yield();
  const auto claim = [&] { const Claim mine(bench.plant, Claim::By::kCaller); };
  CHECK_THROWS_WITH(claim(), "the plant is driven by a running loop; stop() the loop first");
  bench.loop.stop();
  claim();
}

TEST_CASE("several threads may stop and start a loop") {
  Bench bench(true);
  for (int round = 0; round < 20; ++round) {
    bench.loop.start(0, false);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&bench] { bench.loop.stop(); });
    for (std::thread& thread : threads) thread.join();
    CHECK_FALSE(bench.loop.running());
  }
  bench.expect_limp();
}

TEST_CASE("a loop stops when it goes away") {
  FakePlant plant(true);
  Controller controller(pinch_hand(), config_for(pinch_hand()));
  {
    Loop loop(plant, controller);
    loop.start(0, false);
  }
  CHECK(controller.safety().state() == SafetyState::kStopped);
}

TEST_CASE("however a run ends, the plant is told to let go") {
  Bench bench(true);
  bench.loop.start(0, false);
  bench.loop.stop();
  CHECK(bench.plant.let_gos == 1);
  CHECK(bench.plant.last.limp);
  bench.controller.reset();
  bench.plant.last_step = 3;
  bench.loop.start(0, false);
  while (bench.loop.running()) std::this_thread::yield();
  CHECK(bench.plant.let_gos == 2);
  bench.loop.stop();
  CHECK(bench.plant.let_gos == 2);
}

TEST_CASE("a run in lockstep lets go when the loop is stopped, or goes away") {
  FakePlant plant(false);
  Controller controller(pinch_hand(), config_for(pinch_hand()));
  {
    Loop loop(plant, controller);
    loop.run_lockstep(3);
    loop.run_lockstep(3);
    CHECK(plant.let_gos == 0);
    loop.stop();
    CHECK(plant.let_gos == 1);
    loop.run_lockstep(3);
  }
  CHECK(plant.let_gos == 2);
  {
    Loop idle(plant, controller);
  }
  CHECK(plant.let_gos == 2);
}

TEST_CASE("a plant that stays is not told to let go, unless something was wrong") {
  Bench bench(true);
  bench.plant.stays = true;
  bench.loop.start(0, false);
  bench.wait_for_ticks(5);
  bench.loop.stop();
  CHECK(bench.plant.let_gos == 0);
  CHECK_FALSE(bench.plant.last.limp);
  CHECK(bench.controller.safety().state() == SafetyState::kStopped);
  bench.controller.reset();
  bench.loop.emergency_stop();
  bench.loop.start(0, false);
  bench.wait_for_ticks(2);
  bench.loop.stop();
  CHECK(bench.plant.let_gos == 1);
  CHECK(bench.plant.last.limp);
}

}  // namespace
}  // namespace handloop::testing::loop
