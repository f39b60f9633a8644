#include "handloop/bus/bus_plant.hpp"

#include <doctest/doctest.h>

#include "handloop/bus/dynamixel_protocol.hpp"
#include "scripted_wire.hpp"

namespace handloop::testing::bus_plant {
namespace {

using namespace bus;

// Dynamixels that say what they are told to, and note what is written into them.
class NotedServos final : public Wire {
 public:
  static constexpr std::int64_t kByte = 2'500;  // [ns]

  std::int64_t now() const override { return now_; }
  std::int64_t byte_time() const override { return kByte; }
  bool send(Bytes bytes) override {
    if (unplugged) return false;
    parser_.queue().push(bytes);
    while (const auto packet = parser_.next()) obey(*packet);
    return true;
  }
  std::ptrdiff_t receive(std::span<std::uint8_t> room, std::int64_t deadline) override {
    if (unplugged) return -1;
    if (reply_.empty()) return now_ = deadline, 0;
    now_ += static_cast<std::int64_t>(reply_.size()) * kByte;
    std::copy(reply_.begin(), reply_.end(), room.begin());
    return static_cast<std::ptrdiff_t>(std::exchange(reply_, {}).size());
  }
  void pass_until(std::int64_t time) override { now_ = std::max(now_, time); }
  void discard() override { reply_.clear(); }

  bool unplugged = false;
  std::array<Octets, 8> present;  // by id; empty: silent
  std::array<Octets, 8> goal;

 private:
  void obey(const dynamixel::Packet& packet) {
    const bool writes = packet.instruction == dynamixel::Instruction::kSyncWrite;
    const std::size_t size = word_at(packet.parameters, 2), step = writes ? size + 1 : 1;
    for (std::size_t at = 4; at < packet.parameters.size(); at += step) {
      const std::uint8_t id = packet.parameters[at];
      if (writes) {
        goal[id] = octets(packet.parameters.subspan(at + 1, size));
      } else if (present[id].empty()) {
        return;
      } else {
        const Bytes status = dynamixel::status(writer_, id, 0, present[id]);
        reply_.insert(reply_.end(), status.begin(), status.end());
      }
    }
  }

  std::int64_t now_ = 1'000'000'000;
  dynamixel::Parser parser_;
  dynamixel::PacketWriter writer_;
  Octets reply_;
};

constexpr double kTick = 2.0 * 3.141592653589793 / 4096.0;  // [rad]

// Present current, velocity and position in one block; goal current alone, or with the position.
ServoDrive drive(std::uint8_t id, ServoMode mode = ServoMode::kCurrent) {
  static const Octets zeros(18, 0);
  ServoDrive d;
  d.id = id;
  d.mode = mode;
  d.read = {0, 126, 10, {}};
  d.write = {0, 102, 2, Bytes(zeros).first(2)};
  d.current = {0, 2};
  d.velocity = {2, 4};
  d.position = {6, 4};
  d.goal_current = {0, 2};
  d.position_unit = kTick;
  d.velocity_unit = 0.024;
  d.current_unit = 1e-3;
  d.current_limit = 0.5;
  d.stiffness = 2.0;
  if (mode != ServoMode::kCurrent) {
    d.write = {0, 102, 18, zeros};
    d.goal_position = {14, 4};
  }
  return d;
}

BusPlantConfig at_once() {
  BusPlantConfig config;
  config.ramp = 0.0;
  return config;
}

struct Hand {
  NotedServos servos;
  DynamixelProtocol protocol;
  Line line{servos, protocol, {}};
  BusPlant plant;
  HandState state;
  HandCommand command;

  explicit Hand(std::vector<ServoDrive> drives, const BusPlantConfig& config = at_once())
      : plant({&line}, drives, config) {
    for (const ServoDrive& d : drives) servos.present[d.id] = hex("0A00 05000000 00080000");
    command.current.setZero(static_cast<Eigen::Index>(drives.size()));
    command.torque = command.current;
    plant.read(state);
  }
  std::int64_t goal_current(std::uint8_t id) const { return decode({0, 2}, servos.goal[id]); }
  std::int64_t goal_position(std::uint8_t id) const { return decode({14, 4}, servos.goal[id]); }
};

TEST_CASE("readings become joint angles, speeds and currents, the joint's way round") {
  ServoDrive turned = drive(2);
  turned.ratio = -2.0;
  turned.zero = 1024.0 * kTick;
  const Hand hand({drive(1), turned});
  CHECK(hand.state.q[0] == doctest::Approx(2048.0 * kTick));
  CHECK(hand.state.dq[0] == doctest::Approx(5.0 * 0.024));
  CHECK(hand.state.current[0] == doctest::Approx(0.010));
  CHECK(hand.state.q[1] == doctest::Approx(-512.0 * kTick));
  CHECK(hand.state.dq[1] == doctest::Approx(-2.5 * 0.024));
  CHECK(hand.state.current[1] == doctest::Approx(-0.010));
}

TEST_CASE("current mode: the servo gets the current, its way round, and never beyond its limit") {
  ServoDrive turned = drive(2);
  turned.ratio = -2.0;
  Hand hand({drive(1), turned, drive(3)});
  hand.command.current << 0.1234, 0.1, 7.0;
  hand.plant.write(hand.command);
  CHECK(hand.goal_current(1) == 123);
  CHECK(hand.goal_current(2) == -100);
  CHECK(hand.goal_current(3) == 500);
}

TEST_CASE("current-based position mode: a bounded current towards a goal ahead") {
  ServoDrive turned = drive(2, ServoMode::kCurrentPosition);
  turned.ratio = -1.0;
  Hand hand({drive(1, ServoMode::kCurrentPosition), turned});
  hand.command.current << -0.2, -0.2;
  hand.plant.write(hand.command);
  CHECK(hand.goal_current(1) == 200);
  CHECK(hand.goal_position(1) == static_cast<std::int64_t>(2048.0 - 0.35 / kTick));
  CHECK(hand.goal_current(2) == 200);
  CHECK(hand.goal_position(2) == static_cast<std::int64_t>(2048.0 + 0.35 / kTick));
}

TEST_CASE("position mode: a goal ahead by torque over stiffness, and not too far") {
  Hand hand({drive(1, ServoMode::kPosition), drive(2, ServoMode::kPosition)});
  hand.command.torque << 0.1, 50.0;
  hand.plant.write(hand.command);
  CHECK(hand.goal_position(1) == static_cast<std::int64_t>(2048.0 + 0.05 / kTick));
  CHECK(hand.goal_position(2) == static_cast<std::int64_t>(2048.0 + 0.35 / kTick));
}

TEST_CASE("torque grows from nothing after a start") {
  BusPlantConfig config;
  config.ramp = 0.1;
  config.period = 0.01;
  Hand hand({drive(1)}, config);
  hand.command.current << 0.4;
  hand.plant.start();
  std::int64_t last = -1;
  for (int tick = 0; tick < 15; ++tick) {
    hand.plant.read(hand.state);
    hand.plant.write(hand.command);
    CHECK(hand.goal_current(1) <= 40 * tick + 4);
    CHECK(hand.goal_current(1) >= last);
    last = hand.goal_current(1);
    CHECK(hand.plant.advance());
    CHECK(hand.plant.now() == doctest::Approx(0.01 * (tick + 1)));
  }
  CHECK(last == 400);
}

TEST_CASE("a silent servo makes the sample old and is told to let go; the others go on") {
  Hand hand({drive(1), drive(2)});
  hand.command.current << 0.1, 0.1;
  hand.servos.present[2].clear();
  const double before = hand.state.time;
  for (int tick = 0; tick < 10; ++tick) {
    hand.plant.read(hand.state);
    hand.plant.write(hand.command);
    hand.plant.advance();
  }
  CHECK(hand.state.time == before);
  CHECK(hand.goal_current(1) == 100);
  CHECK(hand.goal_current(2) == 0);
  CHECK(hand.plant.reading(1).outcome != Outcome::kAnswered);
}

TEST_CASE("a cycle that takes too long skips whole periods") {
  Hand hand({drive(1)});
  hand.plant.start();
  CHECK(hand.plant.advance());
  hand.servos.pass_until(hand.servos.now() + 5'100'000);
  CHECK(hand.plant.advance());
  CHECK(hand.plant.now() == doctest::Approx(0.008));
  CHECK(hand.plant.advance());
  CHECK(hand.plant.now() == doctest::Approx(0.010));
}

TEST_CASE("a current that runs away halves what that servo is told") {
  Hand hand({drive(1), drive(2)});
  hand.servos.present[2] = hex("7202 05000000 00080000");  // 0.626 A
  hand.command.current << 0.4, 0.4;
  for (int tick = 0; tick < 30; ++tick) {
    hand.plant.read(hand.state);
    hand.plant.write(hand.command);
    hand.plant.advance();
  }
  CHECK(hand.goal_current(1) == 400);
  CHECK(hand.goal_current(2) == 250);
}

TEST_CASE("what never answered is no number, and a command that is none is no torque") {
  Hand hand({drive(1)});
  hand.command.current << std::numeric_limits<double>::quiet_NaN();
  hand.plant.write(hand.command);
  CHECK(hand.goal_current(1) == 0);
  hand.command.current.resize(0);
  hand.plant.write(hand.command);
  CHECK(hand.goal_current(1) == 0);
  Hand mute({drive(1)});
  mute.servos.present[1].clear();
  BusPlant fresh({&mute.line}, {drive(1)}, at_once());
  fresh.read(mute.state);
  CHECK(std::isnan(mute.state.q[0]));
}

TEST_CASE("a line that is unplugged ends the run") {
  Hand hand({drive(1)});
  CHECK(hand.plant.advance());
  hand.servos.unplugged = true;
  hand.plant.read(hand.state);
  CHECK_FALSE(hand.plant.advance());
}

TEST_CASE("a line that is gone does not keep the others from letting go") {
  NotedServos gone, there;
  DynamixelProtocol protocols[2];
  Line lines[] = {{gone, protocols[0], {}}, {there, protocols[1], {}}};
  std::vector<ServoDrive> drives = {drive(1), drive(2)};
  drives[1].line = 1;
  for (ServoDrive& d : drives) d.torque = 64;
  BusPlant plant({&lines[0], &lines[1]}, drives, at_once());
  gone.unplugged = true;
  there.present[2] = hex("00");
  CHECK(plant.release().test(0));
  CHECK(there.goal[2] == hex("00"));
}

TEST_CASE("drives that do not fit are refused by name") {
  NotedServos servos;
  DynamixelProtocol protocol;
  Line line(servos, protocol, {});
  const auto refused = [&](auto change) {
    ServoDrive d = drive(5);
    change(d);
    CHECK_THROWS_WITH_AS(BusPlant({&line}, {d}, {}), doctest::Contains("servo 5"),
                         std::invalid_argument);
  };
  refused([](ServoDrive& d) { d.line = 1; });
  refused([](ServoDrive& d) { d.ratio = 0.0; });
  refused([](ServoDrive& d) { d.current_limit = 0.0; });
  refused([](ServoDrive& d) { d.goal_current.size = 0; });
  refused([](ServoDrive& d) { d.position.offset = 7; });
  refused([](ServoDrive& d) { d.mode = ServoMode::kPosition; });
  CHECK_THROWS_AS(BusPlant({&line}, {}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace handloop::testing::bus_plant
