#include "handloop/sim_plant.hpp"

#include <doctest/doctest.h>

#include "support.hpp"

namespace handloop::testing::sim_plant {
namespace {

struct Bench {
  ModelPointer model = pinch_model();
  DataPointer data{mj_makeData(model.get())};

  std::unique_ptr<SimPlant> start(const SensorModel& sensors = {}, double period = kPeriod) {
    auto plant = std::make_unique<SimPlant>(*model, pinch_ids(*model), sensors, period);
    plant->start(*data);
    return plant;
  }
};

void push(SimPlant& plant, double thumb, double finger) {
  HandCommand command;
  command.effort = joints({thumb, finger});
  plant.write(command);
}

TEST_CASE("perfect sensors report the simulation, and torques reach it") {
  Bench bench;
  const auto owner = bench.start();
  SimPlant& plant = *owner;
  HandState state;
  push(plant, 0.2, -0.1);
  for (int i = 0; i < 20; ++i) {
    plant.read(state);
    CHECK(state.time == bench.data->time);
    CHECK(state.sequence == static_cast<std::uint64_t>(i));
    CHECK(state.q[0] == bench.data->qpos[0]);
    CHECK(state.dq[1] == bench.data->qvel[1]);
    CHECK(plant.advance());
  }
  CHECK(bench.data->time == doctest::Approx(0.02));
  CHECK(state.q[0] > 0.0);
  CHECK(state.q[1] < 0.0);
  CHECK(plant.truth() == bench.data->sensordata);
}

TEST_CASE("a delay of n ticks is n ticks") {
  for (const int delay : {1, 2, 63}) {
    Bench bench;
    SensorModel sensors;
    sensors.delay = delay;
    const auto owner = bench.start(sensors);
    SimPlant& plant = *owner;
    push(plant, 0.2, 0.2);
    HandState state;
    std::vector<double> truth;
    for (int i = 0; i < 150; ++i) {
      truth.push_back(bench.data->qpos[0]);
      plant.read(state);
      CHECK(state.q[0] == truth[static_cast<std::size_t>(std::max(i - delay, 0))]);
      CHECK(plant.now() - state.time == doctest::Approx(kPeriod * std::min(i, delay)));
      plant.advance();
    }
  }
}

TEST_CASE("noise has the deviation asked for, no mean, and is drawn from the seed") {
  Bench bench;
  SensorModel sensors;
  sensors.seed = 5;
  sensors.position_noise = 0.002;
  sensors.velocity_noise = 0.3;
  const auto sample = [&] {
    const auto owner = bench.start(sensors);
    SimPlant& plant = *owner;
    std::vector<double> readings;
    HandState state;
    double q = 0.0, q2 = 0.0, dq2 = 0.0;
    constexpr int kReads = 20000;
    for (int i = 0; i < kReads; ++i) {
      plant.read(state);
      q += state.q[0] / kReads;
      q2 += state.q[0] * state.q[0] / kReads;
      dq2 += state.dq[1] * state.dq[1] / kReads;
      readings.push_back(state.q[0]);
    }
    CHECK(std::abs(q) < 1e-4);
    CHECK(std::sqrt(q2) == doctest::Approx(0.002).epsilon(0.03));
    CHECK(std::sqrt(dq2) == doctest::Approx(0.3).epsilon(0.03));
    return readings;
  };
  const auto first = sample();
  CHECK(sample() == first);
  sensors.seed = 6;
  CHECK(sample() != first);
}

// Closes the pinch until both pads press with 1 N, then one reading.
HandState squeeze(SimPlant& plant) {
  HandState state;
  for (int i = 0; i < 400; ++i) {
    push(plant, 1.0, 1.0);
    plant.read(state);
    plant.advance();
  }
  return state;
}

TEST_CASE("a contact is reported in the frame of the fingertip") {
  Bench bench;
  const auto owner = bench.start();
  SimPlant& plant = *owner;
  HandState state;
  plant.read(state);
  CHECK_FALSE(state.contact[0].touching);
  state = squeeze(plant);
  for (const std::size_t f : {0u, 1u}) {
    const FingerContact& c = state.contact[f];
    REQUIRE(c.touching);
    CHECK((c.normal - Vec3::UnitZ()).norm() < 0.05);  // both pads look along their z
    CHECK(c.position.norm() < 0.002);
    CHECK(std::abs(c.normal.dot(c.tangent)) < 1e-12);
    CHECK(c.force.x() == doctest::Approx(1.0).epsilon(0.05));
  }
}

TEST_CASE("force errors are a gain per finger and noise per axis") {
  Bench bench;
  SensorModel sensors;
  sensors.seed = 3;
  sensors.force_gain_error = 0.2;
  const auto owner = bench.start(sensors);
  SimPlant& plant = *owner;
  HandState state = squeeze(plant);
  Random random(sensors.seed);
  for (const std::size_t f : {0u, 1u}) {
    const double gain = 1.0 + 0.2 * random.normal();
    CHECK(state.contact[f].force.x() == doctest::Approx(gain).epsilon(0.05));
  }
}

TEST_CASE("periods: several steps per tick, several ticks per step, nothing in between") {
  Bench bench;
  bench.start({}, 0.004)->advance();
  CHECK(bench.data->time == doctest::Approx(0.004));

  mj_resetData(bench.model.get(), bench.data.get());
  const auto fast = bench.start({}, 0.0005);
  fast->advance();
  CHECK(bench.data->time == 0.0);
  CHECK(fast->now() == doctest::Approx(0.0005));
  fast->advance();
  CHECK(bench.data->time == doctest::Approx(0.001));

  const SimPlantIds ids = pinch_ids(*bench.model);
  for (const double period : {0.0015, 0.00099, 0.0, -0.001, kNan, kInfinity}) {
    CHECK_THROWS_AS(SimPlant(*bench.model, ids, {}, period), std::invalid_argument);
  }
}

TEST_CASE("a plant refuses what its model lacks") {
  Bench bench;
  const SimPlantIds good = pinch_ids(*bench.model);
  const auto refused = [&](auto spoil) {
    SimPlantIds ids = good;
    SensorModel sensors;
    spoil(ids, sensors);
    CHECK_THROWS_AS(SimPlant(*bench.model, ids, sensors, kPeriod), std::invalid_argument);
  };
  refused([](SimPlantIds&, SensorModel& s) { s.delay = -1; });
  refused([](SimPlantIds&, SensorModel& s) { s.delay = kMaxDelay; });
  refused([](SimPlantIds& i, SensorModel&) { i.actuator.clear(); });
  refused([](SimPlantIds& i, SensorModel&) { i.actuator.resize(kMaxActuators + 1); });
  refused([](SimPlantIds& i, SensorModel&) { i = {}; });
  refused([](SimPlantIds& i, SensorModel&) { i.joint[0] = 99; });
  refused([](SimPlantIds& i, SensorModel&) { i.contact[1] = 99; });
  refused([](SimPlantIds& i, SensorModel&) { i.contact.pop_back(); });
  refused([](SimPlantIds& i, SensorModel&) { i.tactile = i.contact; });  // of another type
  for (const char* name : {"net", "torque", "touch"}) {                  // of another layout
    refused([&](SimPlantIds& i, SensorModel&) {
      i.contact[0] = id_of(*bench.model, mjOBJ_SENSOR, name);
      REQUIRE(i.contact[0] >= 0);
    });
  }
}

TEST_CASE("friction of tendons that can not be is refused") {
  Bench bench;
  const SimPlantIds ids = pinch_ids(*bench.model);
  for (const CapstanFriction bad :
       {CapstanFriction{-0.1, 0.01}, {kNan, 0.01}, {kInfinity, 0.01}, {0.0, 0.0}, {0.0, kNan}}) {
    CHECK_THROWS_AS(SimPlant(*bench.model, ids, {}, kPeriod, bad), std::invalid_argument);
  }
}

TEST_CASE("a plant without data says so, before a run and after it") {
  Bench bench;
  SimPlant plant(*bench.model, pinch_ids(*bench.model), {}, kPeriod);
  CHECK_THROWS_AS(plant.check_ready(), std::runtime_error);
  auto owner = std::make_shared<int>(0);
  plant.start(*bench.data, owner);
  CHECK_NOTHROW(plant.check_ready());
  plant.start(*bench.data, owner);
  CHECK(owner.use_count() == 2);  // it keeps what it runs on, and nothing before that
  plant.finish();
  CHECK(owner.use_count() == 1);
  CHECK_THROWS_WITH(plant.check_ready(), "the plant has no data; call start(data) first");
}

TEST_CASE("a simulation that blows up says so") {
  mju_user_warning = [](const char*) {};  // it is expected
  Bench bench;
  const auto owner = bench.start();
  SimPlant& plant = *owner;
  push(plant, 9e9, 0.0);  // [N], on 0.1 kg
  bool alive = true;
  for (int i = 0; i < 100 && alive; ++i) alive = plant.advance();
  CHECK_FALSE(alive);
  mju_user_warning = nullptr;
}

}  // namespace
}  // namespace handloop::testing::sim_plant
