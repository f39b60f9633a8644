#include "handloop/black_box.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::black_box {
namespace {

struct Bench {
  Controller controller{pinch_hand(), config_for(pinch_hand())};
  BlackBox box{controller};
  int tick = 0;

  void run(int ticks, bool emergency_stop = false) {
    for (int i = 0; i < ticks; ++i, ++tick) {
      HandState state = still(2, kPeriod * tick);
      state.q[0] = 1e-6 * tick;
      state.emergency_stop = emergency_stop;
      box.record(state, controller.tick(state, state.time), controller);
    }
  }
  std::vector<double> column(std::size_t index) const {
    std::vector<double> values;
    const std::vector<double> rows = box.rows();
    for (std::size_t i = index; i < rows.size(); i += box.width()) values.push_back(rows[i]);
    return values;
  }
};

TEST_CASE("a black box keeps the newest seconds, oldest first") {
  Bench bench;
  bench.run(300);
  std::vector<double> time = bench.column(0);
  REQUIRE(time.size() == 300);
  CHECK(time.front() == 0.0);
  CHECK(time.back() == doctest::Approx(0.299));
  bench.run(9700);
  time = bench.column(0);
  REQUIRE(time.size() == 5500);
  CHECK(time.front() == doctest::Approx(4.5));
  CHECK(time.back() == doctest::Approx(9.999));
  bench.box.clear();
  CHECK(bench.column(0).empty());
}

TEST_CASE("what led to a stop is kept, however long nobody looks") {
  Bench bench;
  bench.run(8000);
  bench.run(60000, true);
  const std::vector<double> time = bench.column(0), fault = bench.column(2);
  CHECK(time.front() <= 8.0 - BlackBox::kSeconds);
  const auto first = std::find_if(fault.begin(), fault.end(), [](double f) { return f != 0.0; });
  const auto stopped = static_cast<std::size_t>(first - fault.begin());
  CHECK(time[stopped] == doctest::Approx(8.0));
  CHECK(stopped >= 5000);
  CHECK(static_cast<Fault>(*first) == Fault::kEmergencyStop);
  CHECK(time.back() == doctest::Approx(67.999));
}

}  // namespace
}  // namespace handloop::testing::black_box
