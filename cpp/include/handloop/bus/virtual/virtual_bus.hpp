// Virtual servos on one line with one supply, in simulated nanoseconds.
//
// Three kinds of events, in the order of their times: a byte on the line ends, a servo begins to
// answer, a millisecond of control and mechanics has passed. Nothing else moves the clock, so the
// same calls give the same bytes.
#pragma once

#include <memory>

#include "handloop/bus/virtual/dynamixel_servo.hpp"
#include "handloop/bus/virtual/feetech_servo.hpp"
#include "handloop/bus/virtual/line.hpp"
#include "handloop/bus/virtual/request_assembler.hpp"

namespace handloop::bus::virtual_servo {

struct VirtualServoConfig {
  ServoModel model;
  std::uint8_t id = 1;
  std::uint32_t baud = 57600;  // [bit/s]
  double position = 0.0;       // [rad], at which it stands; 0 is the middle of the encoder's turn
  EndStops stops = {};         // of a shaft of its own
};

struct VirtualBusConfig {
  std::vector<VirtualServoConfig> servos;  // all of one protocol
  double supply_voltage = 12.0;            // [V]
  double supply_resistance = 0.05;         // [ohm]
  std::uint32_t host_baud = 57600;         // [bit/s]
  std::uint64_t seed = 1;
};

class VirtualBus {
 public:
  static constexpr std::int64_t kStep = kMillisecond;

  explicit VirtualBus(const VirtualBusConfig& config, std::unique_ptr<Mechanics> mechanics = {})
      : line_(config.servos.size()),
        faults_(config.seed),
        assembler_(config.servos.empty() ? Protocol::kDynamixel2 : config.servos[0].model.protocol),
        supply_(config.supply_voltage, config.supply_resistance),
        mechanics_(mechanics ? std::move(mechanics) : free_inertias(config)),
        shafts_(config.servos.size()),
        torques_(config.servos.size()),
        spoke_as_(config.servos.size()),
        host_baud_(config.host_baud) {
    for (const VirtualServoConfig& servo : config.servos) servos_.push_back(make(servo));
    step();
  }

  std::int64_t now() const { return now_; }  // [ns]
  std::size_t size() const { return servos_.size(); }
  VirtualServo& servo(std::size_t i) { return *servos_[i]; }
  const Shaft& shaft(std::size_t i) const { return shafts_[i]; }
  Mechanics& mechanics() { return *mechanics_; }
  LineFaults& faults() { return faults_; }
  Supply& supply() { return supply_; }

  std::uint32_t host_baud() const { return host_baud_; }
  void set_host_baud(std::uint32_t baud) { host_baud_ = baud; }
  // Off: servos hear the host whatever its baud rate, for adapters whose rate cannot be seen.
  void check_baud(bool check) { checks_baud_ = check; }

  // The host talks, from now on.
  void send(Bytes bytes) { line_.talk(Line::kHost, bytes, host_baud_, now_); }

  void advance(std::int64_t until) {
    while (event(until)) continue;
    pass(until);
  }
  // The next event up to `until`; false: there is none.
  bool event(std::int64_t until) {
    const std::int64_t byte = line_.next(), next = next_event();
    if (next > until) return false;
    now_ = std::max(now_, next);
    if (next == byte) {
      hear();
    } else if (next == next_answer_) {
      begin_answers();
    } else {
      step();
    }
    return true;
  }
  std::int64_t next_event() const { return std::min({line_.next(), next_answer_, next_step_}); }
  // Time in which nothing happens.
  void pass(std::int64_t until) { now_ = std::max(now_, until); }
  bool has_answer() const { return answers_.size() > 0; }
  // When anything but a step happens next; kNever: the line is quiet.
  std::int64_t next_on_line() const { return std::min(line_.next(), next_answer_); }

  // What has arrived at the host, as much of it as there is room for.
  std::size_t take(std::span<std::uint8_t> room) {
    const Bytes there = answers_.bytes();
    const std::size_t count = std::min(there.size(), room.size());
    std::copy_n(there.begin(), count, room.begin());
    answers_.drop(count);
    return count;
  }
  void forget_answers() { answers_.clear(); }

 private:
  static constexpr double kSeconds = 1e-9;

  static std::unique_ptr<Mechanics> free_inertias(const VirtualBusConfig& config) {
    std::vector<GearFigures> gears;
    for (const VirtualServoConfig& servo : config.servos) gears.push_back(servo.model.gear);
    auto inertias = std::make_unique<FreeInertias>(gears);
    for (std::size_t i = 0; i < gears.size(); ++i) {
      inertias->place(i, config.servos[i].position);
      inertias->stop_at(i, config.servos[i].stops);
    }
    return inertias;
  }

  static std::unique_ptr<VirtualServo> make(const VirtualServoConfig& config) {
    std::unique_ptr<VirtualServo> servo;
    if (config.model.protocol == Protocol::kDynamixel2) {
      servo = std::make_unique<DynamixelServo>(config.model);
    } else {
      servo = std::make_unique<FeetechServo>(config.model);
    }
    const auto& bauds = config.model.bauds;
    const auto code = std::find(bauds.begin(), bauds.end(), config.baud) - bauds.begin();
    servo->table().save(Role::kBaud, code);
    servo->table().save(Role::kId, config.id);
    return servo;
  }

  void hear() {
    const Line::Heard heard = line_.hear(faults_);
    if (heard.speaker == Line::kHost) {
      hear_host(heard);
    } else {
      hear_servo(heard);
    }
  }

  void hear_host(const Line::Heard& heard) {
    const auto byte = faults_.pass(heard.byte, heard.begin);
    if (!byte) return;
    const auto request = assembler_.add(*byte, heard.begin, heard.end);
    if (!request) return;
    for (const auto& servo : servos_) {
      if (understands(*servo, heard.baud)) servo->hear(*request, now_);
    }
    find_next_answer();
  }

  void hear_servo(const Line::Heard& heard) {
    const auto speaker = static_cast<std::size_t>(heard.speaker);
    if (const auto byte = faults_.pass(heard.byte, heard.begin)) {
      const bool same = !checks_baud_ || heard.baud == host_baud_;
      const std::uint8_t arrived = same ? *byte : faults_.collide(*byte);
      answers_.push({&arrived, 1});
    }
    if (!heard.last) return;
    const std::uint8_t id = spoke_as_[speaker];
    for (const auto& servo : servos_) {
      const bool other = servo != servos_[speaker];
      if (heard.clean && other && servo->baud() == heard.baud && servo->listening()) {
        servo->hear_answer(id, heard.said, now_);
      }
    }
    servos_[speaker]->answered(now_);
    find_next_answer();
  }

  bool understands(const VirtualServo& servo, std::uint32_t baud) const {
    return servo.listening() && (!checks_baud_ || servo.baud() == baud);
  }

  void begin_answers() {
    for (std::size_t i = 0; i < size(); ++i) {
      VirtualServo& servo = *servos_[i];
      if (servo.answer_at() > now_) continue;
      const VirtualServo::Answer answer = servo.answer();
      spoke_as_[i] = answer.id;
      line_.talk(static_cast<int>(i), answer.bytes, servo.baud(), now_);
    }
    find_next_answer();
  }

  void find_next_answer() {
    next_answer_ = kNever;
    for (const auto& servo : servos_) next_answer_ = std::min(next_answer_, servo->answer_at());
  }

  // The shafts may have been turned by others meanwhile, of another line for instance.
  void step() {
    constexpr double kDt = kSeconds * static_cast<double>(kStep);
    mechanics_->step(0.0, torques_, shafts_);
    const double voltage = supply_.voltage();
    double current = 0.0;
    for (std::size_t i = 0; i < size(); ++i) {
      torques_[i] = servos_[i]->step(now_, kDt, voltage, shafts_[i]);
      current += servos_[i]->supply_current();
      if (!servos_[i]->listening()) line_.hang_up(static_cast<int>(i), now_);
    }
    supply_.draw(current);
    mechanics_->step(kDt, torques_, shafts_);
    next_step_ += kStep;
    find_next_answer();  // a servo may have lost its power
  }

  Line line_;
  LineFaults faults_;
  RequestAssembler assembler_;
  Supply supply_;
  std::unique_ptr<Mechanics> mechanics_;
  std::vector<std::unique_ptr<VirtualServo>> servos_;
  std::vector<Shaft> shafts_;
  std::vector<double> torques_;
  std::vector<std::uint8_t> spoke_as_;
  ByteQueue answers_;
  std::uint32_t host_baud_;
  bool checks_baud_ = true;
  std::int64_t now_ = 0, next_step_ = 0, next_answer_ = kNever;
};

}  // namespace handloop::bus::virtual_servo
