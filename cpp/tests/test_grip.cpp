#include "handloop/grip.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::grip {
namespace {

// A thumb and one finger that drag at an object with the same load.
struct Bench {
  GripConfig config = [] {
    GripConfig c;
    c.share = {1.0, 1.0};
    return c;
  }();
  GripReflex grip = make();
  PerFinger<FingerForce> felt{};

  // Loaded to just the friction that is believed, so that learning it asks for nothing more.
  static Bench without_margin() {
    Bench bench;
    bench.config.margin = 0.0;
    bench.grip = bench.make();
    bench.feel(4.0, 4.0 * bench.config.friction_initial);
    bench.run(3.0);
    return bench;
  }

  GripReflex make() const { return GripReflex(config, 0, 2, kPeriod); }

  void feel(double normal, double load, double slip_speed = 0.0) {
    for (std::size_t f = 0; f < 2; ++f) {
      felt[f].touching = true;
      felt[f].normal = normal;
      felt[f].tangential = load;
      felt[f].drag = load * Vec3::UnitZ();
      felt[f].slip_speed = slip_speed;
    }
  }
  void run(double seconds) {
    for (int i = 0; i < std::lround(seconds / kPeriod); ++i) grip.update(felt);
  }
  // A slip: all the normal force there is carries friction times that.
  void slip(double friction, double normal, double seconds) {
    feel(normal, friction * normal, 0.02);
    run(seconds);
    feel(normal, friction * normal);
    run(kPeriod);
  }
};

TEST_CASE("the friction is learned from a slip") {
  for (const double friction : {0.3, 0.6, 0.85}) {
    Bench bench;
    bench.feel(2.0, 0.5);
    bench.run(0.2);
    CHECK(bench.grip.friction() == bench.config.friction_initial);
    bench.slip(friction, 2.0, 0.05);
    CHECK(bench.grip.slip_count() == 1);
    CHECK(bench.grip.friction() == doctest::Approx(friction).epsilon(0.05));
  }
}

TEST_CASE("later slips only correct what was believed") {
  Bench bench;
  bench.slip(0.6, 2.0, 0.05);
  bench.feel(2.0, 0.2);
  bench.run(0.2);
  const double believed = bench.grip.friction();
  bench.slip(0.4, 2.0, 0.08);
  CHECK(bench.grip.slip_count() == 2);
  CHECK(bench.grip.friction() < believed - 0.01);
  CHECK(bench.grip.friction() > believed - 2.0 * bench.config.friction_gain * 0.2);
  Bench low;
  low.slip(0.01, 2.0, 0.05);
  CHECK(low.grip.friction() == doctest::Approx(low.config.friction_min));
}

TEST_CASE("the grip follows the load at the friction it knows, with the margin it was told") {
  Bench bench;
  bench.slip(0.5, 2.0, 0.05);
  const double friction = bench.grip.friction();
  for (const double load : {2.0, 4.0, 3.0}) {
    bench.feel(10.0, load);
    bench.run(3.0);
    const double need = load / (friction * (1.0 - bench.config.margin));
    CHECK(bench.grip.level() == doctest::Approx(need).epsilon(0.01));
    CHECK(bench.grip.load() == doctest::Approx(load).epsilon(0.01));
    CHECK(bench.grip.wanted_force(1) == doctest::Approx(need).epsilon(0.01));
  }
  bench.feel(10.0, 0.0);
  bench.run(3.0);
  CHECK(bench.grip.level() == bench.config.level_min);
}

TEST_CASE("the grip grows no faster than allowed and lets go with its time constant") {
  Bench bench;
  bench.feel(20.0, 12.0);
  double before = bench.grip.level();
  for (int i = 0; i < 500; ++i) {
    bench.run(kPeriod);
    CHECK(bench.grip.level() <= before + bench.config.rise_rate * kPeriod + 1e-12);
    before = bench.grip.level();
  }
  bench.feel(20.0, 0.0);
  bench.run(5.0 * bench.config.load_time_constant);  // the load's own filter
  before = bench.grip.level();
  bench.run(bench.config.release_time);
  CHECK(bench.grip.level() == doctest::Approx(before * std::exp(-1.0)).epsilon(0.05));
}

TEST_CASE("no finger is ever asked for more than the crush limit") {
  Bench bench;
  bench.feel(20.0, 1e6, 0.05);
  for (int i = 0; i < 3000; ++i) {
    bench.run(kPeriod);
    CHECK(bench.grip.wanted_force(0) <= bench.config.force_max);
    CHECK(bench.grip.wanted_force(1) <= bench.config.force_max);
  }
  CHECK(bench.grip.level() == bench.config.force_max);
}

TEST_CASE("one reflex adds no more than its gain, a slip that goes on sets off another") {
  Bench bench = Bench::without_margin();
  const double before = bench.grip.level();
  bench.feel(4.0, 3.8, 0.02);
  bench.run(0.8 * bench.config.reflex_time);
  const double ceiling = before * (1.0 + bench.config.reflex_gain);
  CHECK(bench.grip.slipping());
  CHECK(bench.grip.slip_count() == 1);
  CHECK(bench.grip.level() > before);
  CHECK(bench.grip.level() == doctest::Approx(ceiling));
  bench.run(bench.config.reflex_time);
  CHECK(bench.grip.slip_count() == 2);
}

TEST_CASE("the reflex acts in the tick in which the slip is felt") {
  Bench bench = Bench::without_margin();
  const double before = bench.grip.level();
  bench.feel(4.0, 3.8, 0.02);
  bench.run(kPeriod);
  CHECK(bench.grip.level() == doctest::Approx(before * (1.0 + 30.0 * kPeriod)));
}

TEST_CASE("one weak finger that turns on its pad is no slip") {
  Bench bench;
  bench.config.share = {1.0, 0.8, 0.2};
  bench.grip = GripReflex(bench.config, 0, 3, kPeriod);
  bench.feel(4.0, 2.0);
  bench.felt[2] = bench.felt[1];
  bench.felt[2].normal = 0.5;
  bench.felt[2].slip_speed = 0.05;
  bench.run(0.1);
  CHECK(bench.grip.slip_count() == 0);
}

TEST_CASE("fingers that pull against each other carry no load") {
  Bench bench;
  bench.grip = GripReflex(bench.config, 0, 3, kPeriod);
  bench.feel(4.0, 2.0);
  bench.felt[2] = bench.felt[1];
  bench.felt[2].drag = -bench.felt[1].drag;
  bench.run(0.5);
  CHECK(bench.grip.load() == doctest::Approx(1.0).epsilon(0.001));  // the thumb's half alone
}

TEST_CASE("a blind hand squeezes as told, whatever it feels") {
  Bench bench;
  bench.config.adaptive = false;
  bench.config.blind_level = 7.0;
  bench.grip = bench.make();
  bench.feel(1.0, 9.0, 0.1);
  bench.run(0.05);
  CHECK(bench.grip.level() == doctest::Approx(1.0 + bench.config.rise_rate * 0.05));
  bench.run(1.0);
  CHECK(bench.grip.level() == 7.0);
  CHECK(bench.grip.slip_count() == 0);
  bench.config.blind_level = 100.0;
  bench.grip = bench.make();
  bench.run(5.0);
  CHECK(bench.grip.wanted_force(0) == bench.config.force_max);
}

TEST_CASE("reset forgets what was felt") {
  Bench bench;
  bench.slip(0.4, 5.0, 0.05);
  bench.grip.reset();
  CHECK(bench.grip.level() == bench.config.level_min);
  CHECK(bench.grip.friction() == bench.config.friction_initial);
  CHECK(bench.grip.load() == 0.0);
  CHECK(bench.grip.slip_count() == 0);
  CHECK_FALSE(bench.grip.slipping());
}

}  // namespace
}  // namespace handloop::testing::grip
