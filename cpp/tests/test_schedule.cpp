#include "handloop/schedule.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::schedule {
namespace {

struct Bench {
  ModelPointer model = pinch_model();
  DataPointer data{mj_makeData(model.get())};
  Schedule schedule;

  static Track track(TrackTarget target, int id, std::vector<double> time,
                     std::vector<double> value, int component = 0) {
    Track t;
    t.target = target;
    t.id = id;
    t.component = component;
    t.time = std::move(time);
    t.value = std::move(value);
    return t;
  }
  int body(const char* name) const { return id_of(*model, mjOBJ_BODY, name); }
  void add(const Track& t) { schedule.add(*model, t); }
  void at(double time) {
    data->time = time;
    schedule.apply(*model, *data);
  }
};

TEST_CASE("a track is piecewise linear and constant outside its keys") {
  Bench bench;
  bench.add(Bench::track(TrackTarget::kControl, 1, {1.0, 2.0, 4.0}, {0.0, 3.0, -1.0}));
  const auto control = [&](double time) {
    bench.at(time);
    return bench.data->ctrl[1];
  };
  CHECK(control(0.0) == 0.0);
  CHECK(control(1.0) == 0.0);
  CHECK(control(1.5) == doctest::Approx(1.5));
  CHECK(control(2.0) == 3.0);
  CHECK(control(3.0) == doctest::Approx(1.0));
  CHECK(control(9.0) == -1.0);
  CHECK(bench.data->ctrl[0] == 0.0);
  bench.schedule.rewind();
  CHECK(control(1.5) == doctest::Approx(1.5));
}

TEST_CASE("keys of equal time are a step") {
  Bench bench;
  const int box = bench.body("box");
  const double inertia = bench.model->body_inertia[3 * box];
  bench.add(Bench::track(TrackTarget::kBodyMass, box, {7.0, 7.0}, {0.01, 0.1}));
  bench.at(6.999);
  CHECK(bench.model->body_mass[box] == 0.01);
  CHECK(bench.model->body_inertia[3 * box] == doctest::Approx(inertia * 0.2));
  bench.at(7.0);
  CHECK(bench.model->body_mass[box] == 0.1);
  CHECK(bench.model->body_inertia[3 * box] == doctest::Approx(inertia * 2.0));
}

TEST_CASE("forces and mocap bodies are driven along one axis each") {
  Bench bench;
  const int box = bench.body("box"), table = bench.body("table");
  bench.add(Bench::track(TrackTarget::kBodyForce, box, {0.0, 1.0}, {0.0, 2.0}, 1));
  bench.add(Bench::track(TrackTarget::kMocapPosition, table, {0.0}, {-0.3}, 2));
  bench.at(0.5);
  CHECK(bench.data->xfrc_applied[6 * box + 1] == doctest::Approx(1.0));
  CHECK(bench.data->xfrc_applied[6 * box] == 0.0);
  CHECK(bench.data->mocap_pos[2] == -0.3);
}

TEST_CASE("a wrench has its torque behind its force") {
  Bench bench;
  const int box = bench.body("box");
  bench.add(Bench::track(TrackTarget::kBodyForce, box, {0.0, 1.0}, {0.0, 0.4}, 5));
  bench.at(0.5);
  for (int i = 0; i < 6; ++i) {
    CHECK(bench.data->xfrc_applied[6 * box + i] == doctest::Approx(i == 5 ? 0.2 : 0.0));
  }
}

TEST_CASE("an equality constraint lets go when its track falls below one half") {
  const ModelPointer model = compile(R"(<mujoco>
    <worldbody><body name="box"><freejoint/><geom size="0.01"/></body></worldbody>
    <equality><weld body1="box"/></equality>
  </mujoco>)");
  const DataPointer data(mj_makeData(model.get()));
  Schedule schedule;
  CHECK_THROWS_AS(schedule.add(*model, Bench::track(TrackTarget::kEquality, 1, {0.0}, {1.0})),
                  std::invalid_argument);
  schedule.add(*model, Bench::track(TrackTarget::kEquality, 0, {0.1, 0.1}, {1.0, 0.0}));
  const auto height = [&](double until) {
    while (data->time < until) {
      schedule.apply(*model, *data);
      mj_step(model.get(), data.get());
    }
    return data->qpos[2];
  };
  CHECK(height(0.1) == doctest::Approx(0.0).epsilon(1e-3));
  CHECK(height(0.3) < -0.1);
}

TEST_CASE("a track that does not fit is refused") {
  Bench bench;
  const int box = bench.body("box"), table = bench.body("table");
  const auto refused = [&](const Track& t) {
    CHECK_THROWS_AS(bench.add(t), std::invalid_argument);
  };
  refused(Bench::track(TrackTarget::kControl, 0, {}, {}));
  refused(Bench::track(TrackTarget::kControl, 0, {0.0}, {0.0, 1.0}));
  refused(Bench::track(TrackTarget::kControl, 0, {1.0, 0.0}, {0.0, 1.0}));
  refused(Bench::track(TrackTarget::kControl, 0, {kNan}, {0.0}));
  refused(Bench::track(TrackTarget::kControl, 0, {0.0}, {kInfinity}));
  refused(Bench::track(TrackTarget::kControl, 2, {0.0}, {0.0}));
  refused(Bench::track(TrackTarget::kControl, -1, {0.0}, {0.0}));
  refused(Bench::track(TrackTarget::kBodyForce, 99, {0.0}, {0.0}));
  refused(Bench::track(TrackTarget::kBodyForce, box, {0.0}, {0.0}, 6));
  refused(Bench::track(TrackTarget::kMocapPosition, table, {0.0}, {0.0}, 3));
  refused(Bench::track(TrackTarget::kEquality, 0, {0.0}, {1.0}));
  refused(Bench::track(TrackTarget::kMocapPosition, box, {0.0}, {0.0}));
  refused(Bench::track(TrackTarget::kBodyMass, 0, {0.0}, {1.0}));  // the world weighs nothing
  refused(Bench::track(TrackTarget::kBodyMass, box, {0.0}, {0.0}));
  CHECK_NOTHROW(bench.add(Bench::track(TrackTarget::kMocapPosition, table, {0.0}, {0.0})));
}

}  // namespace
}  // namespace handloop::testing::schedule
